import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { vi } from 'vitest';
import type { PasskeyAdded, PasskeyHolder, PasskeyOverview, PasskeyUsed, PasskeyView, Status, VaultStatus, VaultSummary } from '../src/backend/backend';
import Recovery from '../src/features/recovery/Recovery.svelte';
import { s } from '../src/strings';
import { FINGERPRINT, fakeBackend, within } from './fakeBackend';

export const blueKey: PasskeyView = {
  id: 'b1',
  name: 'Blue key',
  place: 'security_key',
  added: 1_730_000_000,
  last_used: null,
  in_fleet: true,
  last_way_in: false,
  what_if: 'On a new computer you will need the security key “Blue key” and its PIN.',
  mock: false,
};
export const laptop: PasskeyView = {
  ...blueKey,
  id: 'a1',
  name: 'Laptop',
  place: 'this_computer',
  last_used: 1_740_000_000,
  what_if: 'On a new computer this passkey is of no help: it is kept on this one.',
};

export const here: PasskeyHolder = {
  place: 'this_computer',
  name: 'This computer',
  limit: 'It is lost with this computer.',
  available: true,
  problem: null,
  choose_pin: false,
  tries_left: 10,
  mock: false,
};
export const stick: PasskeyHolder = { ...here, place: 'security_key', name: 'Security key', limit: 'If the key is lost, this way back is gone.', tries_left: 8 };

export const overview = (change: Partial<PasskeyOverview> = {}): PasskeyOverview => ({
  passkeys: [laptop, blueKey],
  holders: [here, stick],
  has_code: true,
  can_reveal_code: true,
  mock: false,
  problem: null,
  ...change,
});

export const added = (change: Partial<PasskeyAdded> = {}): PasskeyAdded => ({
  passkey: blueKey,
  fleet_url: 'http://fleet#sha256=00',
  fingerprint: FINGERPRINT,
  account: 'a',
  mock: false,
  warnings: [],
  ...change,
});

export const used: PasskeyUsed = { name: 'Blue key', sites_answered: 4, sites: 5, mock: false, milliseconds: 900, caught: [], warnings: [] };

export const vault: VaultSummary = { fleet_url: 'http://fleet#sha256=00', fingerprint: FINGERPRINT, fleet_id: '00', epoch: 1, mock: false, code_version: 1, generated_code: true, warning: null, pending: [] };

export const vaultStatus = (change: Partial<VaultStatus> = {}): VaultStatus => ({
  fleet_id: '00',
  epoch: 1,
  mock: false,
  tries_left: 10,
  max_tries: 10,
  wait_seconds: 0,
  frozen_until: null,
  destroyed: false,
  removed: false,
  code_version: 1,
  warning: null,
  tries_elsewhere: 0,
  tries_by_header: false,
  can_reset: false,
  passkeys: 2,
  pending: [],
  sites: [],
  ...change,
});

export const PIN = 'violet-9-harbour';
export const status: Status = { conversations: 1, messages: 3, attachments: 0, missing_attachments: 0, device_key: 'keyring', vault, vault_problem: null, passkeys: 2, kits: 0, backups: [] };

/** The Recovery page of a person with a code and two passkeys, unless told otherwise. */
export function recovery(change: Partial<PasskeyOverview> = {}, answers: Parameters<typeof fakeBackend>[0] = {}, has: Partial<Status> = {}) {
  const passkeys = vi.fn(async () => overview(change));
  const backend = fakeBackend({ vaultStatus: async () => vaultStatus(), vaultEvents: async () => [], passkeys, ...answers });
  const onprotect = vi.fn();
  const view = render(Recovery, { props: { status: { ...status, ...has }, onchanged: () => undefined, onprotect }, ...within(backend) });
  return { backend, user: userEvent.setup(), onprotect, view };
}

export const action = (words: string, name: string) => screen.findByRole('button', { name: s.passkeys.of(words, name) });
export const button = (name: string) => screen.getByRole('button', { name });
export const pin = (place: 'this_computer' | 'security_key' = 'security_key') => screen.getByLabelText<HTMLInputElement>(s.pin.of[place]);
/** What is in the fields of the page. */
export const fields = () => [...document.querySelectorAll<HTMLInputElement>('input')].map((field) => field.value);
