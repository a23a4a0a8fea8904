import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import App from '../src/App.svelte';
import type { ProtectionState, Status, VaultStatus } from '../src/backend/backend';
import { mock } from '../src/design/mock.svelte';
import { GRAVE } from '../src/design/protection';
import { s } from '../src/strings';
import { failure, fakeBackend, found } from './fakeBackend';
import { overview, vault as knownVault, vaultStatus } from './passkeyFakes';

const empty: Status = {
  conversations: 0,
  messages: 0,
  attachments: 0,
  missing_attachments: 0,
  device_key: 'file',
  vault: null,
  vault_problem: null,
  passkeys: 0,
  kits: 0,
  backups: [],
};
const vault = { ...knownVault, mock: true };
const passkeysOnly = (change: Partial<VaultStatus>) => vaultStatus({ code_version: 0, ...change });
const carryOn = async () => [];
const silent = async () => Promise.reject(failure);
const about = async () => ({ version: '0.1.0', home: '/home/ada/keepsake', device_key_warning: null, fleet_url: null, by_link: false });

describe('the window', () => {
  beforeEach(() => (mock.seen = false));

  it('begins with two choices when there is nothing yet', async () => {
    render(App, { backend: fakeBackend({ about, status: async () => empty }) });
    expect(await screen.findByRole('button', { name: new RegExp(s.welcome.backUp) })).toBeTruthy();
    expect(screen.getByRole('button', { name: new RegExp(s.welcome.restore) })).toBeTruthy();
    expect(screen.queryByTestId('mock-banner')).toBeNull();
  });

  it('says MOCK on every screen while the fleet is a mock', async () => {
    const status = async () => ({ ...empty, messages: 3, conversations: 1, vault, backups: [] });
    render(App, { backend: fakeBackend({ about, status, carryOn, vaultStatus: silent, conversations: async () => [] }) });
    expect((await screen.findByTestId('mock-banner')).textContent).toContain(s.mock.word);
    await userEvent.click(screen.getByRole('button', { name: s.nav.settings }));
    expect(screen.getByTestId('mock-banner')).toBeTruthy();
  });

  it('asks a vault with passkeys only whether it is a mock, and does not begin anew', async () => {
    const status = async () => ({ ...empty, passkeys: 1 });
    const mocked = async () => passkeysOnly({ mock: true });
    render(App, { backend: fakeBackend({ about, status, carryOn, vaultStatus: mocked, conversations: async () => [] }) });
    expect((await screen.findByTestId('mock-banner')).textContent).toContain(s.mock.word);
    expect(screen.queryByText(s.welcome.title)).toBeNull();
  });

  it('backs up with a passkey and no code, and offers to add a code', async () => {
    const status = async () => ({ ...empty, messages: 3, passkeys: 1 });
    const answers = { about, status, carryOn, vaultStatus: async () => passkeysOnly({}), vaultEvents: async () => [], passkeys: async () => overview({ has_code: false }), conversations: async () => [] };
    render(App, { backend: fakeBackend(answers) });
    await userEvent.click(await screen.findByRole('button', { name: s.nav.backup }));
    expect(screen.getByText(s.backup.never)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.nav.recovery }));
    await userEvent.click(await screen.findByRole('button', { name: s.recovery.addCode }));
    await userEvent.click(await screen.findByRole('button', { name: s.protect.goOn }));
    expect(screen.getByText(s.protect.sameFleet)).toBeTruthy();
  });

  it('leads the owner of a code at old keys to a new one', async () => {
    const warning = 'This recovery code is at keys that are no longer used.';
    const status = async () => ({ ...empty, messages: 3, conversations: 1, vault: { ...vault, warning } });
    const gone = async () => Promise.reject(failure);
    const asked = { conversations: async () => [], verifyFleet: gone };
    render(App, { backend: fakeBackend({ about, status, carryOn, vaultStatus: silent, ...asked }) });
    expect((await screen.findByText(warning)).textContent).toBe(warning);
    await userEvent.click(screen.getByRole('button', { name: s.recovery.whatToDo }));
    expect(screen.getByText(s.recovery.oldKeys)).toBeTruthy();
    expect(screen.queryByText(s.recovery.drill)).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: s.recovery.make }));
    expect(await screen.findByText(s.protect.lead)).toBeTruthy();
  });

  it('goes on telling the sites when it opens, and says what somebody else did meanwhile', async () => {
    const status = async () => ({ ...empty, messages: 3, conversations: 1, vault });
    const tried = vaultStatus({ tries_left: 8, tries_elsewhere: 2, tries_by_header: true, can_reset: true });
    const answers = { vaultEvents: async () => [], passkeys: async () => overview() };
    const backend = fakeBackend({ about, status, carryOn, vaultStatus: async () => tried, conversations: async () => [], ...answers });
    render(App, { backend });
    expect(await screen.findByText(s.recovery.elsewhere(2, true))).toBeTruthy();
    expect(backend.carryOn).toHaveBeenCalledOnce();
    await userEvent.click(screen.getByRole('button', { name: s.recovery.whatToDo }));
    expect((await screen.findByTestId('elsewhere')).textContent).toBe(s.recovery.elsewhere(2, true));
  });

  it('says that a code is frozen, wherever the person is', async () => {
    const status = async () => ({ ...empty, messages: 3, conversations: 1, vault });
    const frozen = vaultStatus({ tries_left: 0, frozen_until: 1_900_000_000, can_reset: true });
    render(App, { backend: fakeBackend({ about, status, carryOn, vaultStatus: async () => frozen, conversations: async () => [] }) });
    expect(await screen.findByText(s.recovery.frozen(1_900_000_000))).toBeTruthy();
  });

  const states = Object.keys(s.protection.states) as ProtectionState[];
  it.each(states)('says of %s what was found and when, and warns of what is grave', async (state) => {
    const status = async () => ({ ...empty, messages: 3, conversations: 1, backups: [{ url: '/disk', last_backup: 1, pending_changes: 0 }] });
    const protection = async () => found({ state });
    render(App, { backend: fakeBackend({ about, status, protection, conversations: async () => [] }) });
    const [what, then] = s.protection.states[state];
    const line = await screen.findByTestId('state-line');
    await screen.findAllByText(what);
    expect(line.textContent).toContain(what);
    expect(line.textContent).toContain(s.protection.looked(1_764_000_000));
    const strip = screen.queryByTestId('protection');
    expect(strip !== null).toBe(GRAVE.includes(state));
    if (strip) expect(strip.textContent).toContain(then);
  });

  it('claims nothing while it looks', async () => {
    const status = async () => ({ ...empty, messages: 3, conversations: 1 });
    render(App, { backend: fakeBackend({ about, status, protection: () => new Promise(() => undefined), conversations: async () => [] }) });
    expect((await screen.findByTestId('state-line')).textContent).toContain(s.protection.looking);
    expect(screen.queryByTestId('protection')).toBeNull();
  });

  it('says that a drill is due, until the person wants no more of it', async () => {
    let due = true;
    const status = async () => ({ ...empty, messages: 3, conversations: 1 });
    const protection = async () => found({ drill_due: due, last_proof: 1_700_000_000 });
    const dismissDrillReminder = async () => {
      due = false;
      return null;
    };
    render(App, { backend: fakeBackend({ about, status, protection, dismissDrillReminder, conversations: async () => [] }) });
    await screen.findByTestId('drill-due');
    await userEvent.click(screen.getByRole('button', { name: s.protection.never }));
    await vi.waitFor(() => expect(screen.queryByTestId('drill-due')).toBeNull());
  });

  it('opens at the choice of a code when a link to a vault opened it', async () => {
    const linked = async () => ({ ...(await about()), fleet_url: 'https://vault.example#sha256=00', by_link: true });
    const status = async () => ({ ...empty, messages: 3, conversations: 1 });
    render(App, { backend: fakeBackend({ about: linked, status, verifyFleet: silent }) });
    const code = await screen.findByLabelText<HTMLInputElement>(new RegExp(s.protect.code));
    expect(code.checked).toBe(true);
    await userEvent.click(screen.getByRole('button', { name: s.protect.goOn }));
    expect(screen.getByLabelText<HTMLInputElement>(s.protect.fleetLabel).value).toBe('https://vault.example#sha256=00');
  });

  it('goes to the choice of a code when a link is opened while it is there', async () => {
    let open: (url: string) => void = () => undefined;
    const onFleetLink = (opened: (url: string) => void) => {
      open = opened;
      return () => undefined;
    };
    const status = async () => ({ ...empty, messages: 3, conversations: 1 });
    render(App, { backend: fakeBackend({ about, status, onFleetLink, verifyFleet: silent, conversations: async () => [] }) });
    await screen.findByTestId('state-line');
    open('https://vault.example#sha256=00');
    await userEvent.click(await screen.findByRole('button', { name: s.protect.goOn }));
    expect(screen.getByLabelText<HTMLInputElement>(s.protect.fleetLabel).value).toBe('https://vault.example#sha256=00');
  });

  it('explains why the home cannot be opened, and tries again', async () => {
    let broken = true;
    const opening = async () => {
      if (broken) throw failure;
      return about();
    };
    render(App, { backend: fakeBackend({ about: opening, status: async () => empty }) });
    expect((await screen.findByRole('alert')).textContent).toContain(s.nextSteps[failure.next]);
    broken = false;
    await userEvent.click(screen.getByRole('button', { name: s.action.again }));
    expect(await screen.findByText(s.welcome.title)).toBeTruthy();
  });
});
