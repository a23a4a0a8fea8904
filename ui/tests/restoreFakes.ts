import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { vi } from 'vitest';
import type { BackupPreview, BackupVault, Recovered, RestoreReport } from '../src/backend/backend';
import Restore from '../src/features/restore/Restore.svelte';
import { s } from '../src/strings';
import { everywhere, fakeBackend, FINGERPRINT, within } from './fakeBackend';

export const preview: BackupPreview = {
  url: 'file:///backup',
  ways_back: ['recovery_code'],
  generated_code: true,
  passkey_places: [],
  needs_fleet: true,
  problem: null,
};
export const vault: BackupVault = {
  fleet_url: 'http://127.0.0.1:7000#sha256=00',
  fingerprint: FINGERPRINT,
  fleet_id: '00',
  mock: true,
  tries_left: 10,
  wait_seconds: 0,
  frozen_until: null,
  caught: [],
};
export const own: Partial<BackupPreview> = { generated_code: false };
export const recovered: Recovered = {
  tries_left: 10,
  confirmed: true,
  spread: everywhere,
  sites_answered: 5,
  sites: 5,
  mock: true,
  milliseconds: 40,
  caught: [],
};
export const restored: RestoreReport = { snapshot: 'a', conversations: 2, messages: 31, media: 1, kept: 0, missing_media: 0, seconds: 1, problems: [] };

export async function found(change: Partial<BackupPreview>, answers: Parameters<typeof fakeBackend>[0] = {}) {
  const backend = fakeBackend({ previewBackup: async () => ({ ...preview, ...change }), ...answers });
  const onread = vi.fn();
  render(Restore, { props: { suggestedFleet: '', onrestored: () => undefined, onread }, ...within(backend) });
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(s.restore.place), '/backup');
  await user.click(screen.getByRole('button', { name: s.restore.look }));
  return { backend, user, onread };
}

/** The fleet was named, and it answered. */
export async function opened(change: Partial<BackupVault>, answers: Parameters<typeof fakeBackend>[0] = {}, backup: Partial<BackupPreview> = {}) {
  const shown = await found(backup, { askVault: async () => ({ ...vault, ...change }), ...answers });
  await shown.user.type(await screen.findByLabelText(s.restore.fleet), FINGERPRINT + '{Enter}');
  return shown;
}

export const field = () => screen.findByLabelText<HTMLInputElement>(s.code.label);
export const go = () => screen.getByRole('button', { name: s.restore.go });

