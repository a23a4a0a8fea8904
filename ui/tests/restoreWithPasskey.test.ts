import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { BackupPreview, BackupVault, PasskeyUsed, RestoreReport } from '../src/backend/backend';
import { mock } from '../src/design/mock.svelte';
import Restore from '../src/features/restore/Restore.svelte';
import { s } from '../src/strings';
import { done, failed, failure, fakeBackend, FINGERPRINT, steered, within } from './fakeBackend';
import { fields, PIN, pin, used } from './passkeyFakes';

const preview: BackupPreview = {
  url: 'file:///backup',
  ways_back: ['passkey', 'recovery_code'],
  generated_code: true,
  passkey_places: ['this_computer', 'security_key'],
  needs_fleet: true,
  problem: null,
};
const vault: BackupVault = {
  fleet_url: 'http://127.0.0.1:7000#sha256=00',
  fingerprint: FINGERPRINT,
  fleet_id: '00',
  mock: false,
  tries_left: 10,
  wait_seconds: 0,
  frozen_until: null,
  caught: [],
};
const keyOnly: Partial<BackupPreview> = { ways_back: ['passkey'], passkey_places: ['security_key'] };
const noCode: Partial<BackupVault> = { tries_left: null };
const restored: RestoreReport = { snapshot: 'a', conversations: 2, messages: 31, media: 1, kept: 0, missing_media: 0, seconds: 1, problems: [] };

/** The fleet was named, and it answered. */
async function opened(change: Partial<BackupPreview>, answers: Parameters<typeof fakeBackend>[0] = {}, said: Partial<BackupVault> = {}) {
  const backend = fakeBackend({
    previewBackup: async () => ({ ...preview, ...change }),
    askVault: async () => ({ ...vault, ...said }),
    ...answers,
  });
  const onread = vi.fn();
  render(Restore, { props: { suggestedFleet: FINGERPRINT, onrestored: () => undefined, onread }, ...within(backend) });
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(s.restore.place), '/backup{Enter}');
  await user.click(await screen.findByRole('button', { name: s.restore.ask }));
  return { backend, user, onread };
}

const choose = async (words: string) => userEvent.click(await screen.findByRole('radio', { name: new RegExp('^' + words) }));

describe('restoring with a passkey', () => {
  it('offers the code and the passkey, and begins with the code', async () => {
    await opened({});
    expect(await screen.findByLabelText(s.code.label)).toBeTruthy();
    await choose(s.restore.withPasskey);
    expect(screen.queryByLabelText(s.code.label)).toBeNull();
    expect(screen.getByText(s.restore.noTriesSpent)).toBeTruthy();
    expect(screen.getByText(s.restore.helps.this_computer)).toBeTruthy();
  });

  it('brings the chats back, asks for the touch, and forgets the PIN', async () => {
    mock.seen = false;
    const opening = steered<PasskeyUsed>();
    const { user, backend, onread } = await opened({}, { recoverWithPasskey: (_p, _f, _k, _pin, tell) => opening.start(tell), restore: () => done(restored) });
    await choose(s.restore.withPasskey);
    await choose(s.passkeys.places.security_key);
    await user.type(pin(), PIN + '{Enter}');
    expect(backend.recoverWithPasskey).toHaveBeenCalledWith('/backup', FINGERPRINT, 'security_key', PIN, expect.anything());
    expect(fields()).not.toContain(PIN);
    opening.tell({ what: 'Touch your security key', done: 0, total: null, unit: 'steps' });
    await vi.waitFor(() => expect(screen.getByTestId('touch').textContent).toContain('Touch your security key'));
    opening.finish({ ...used, mock: true, warnings: ['Your recovery code could not be brought along.'] });
    expect(await screen.findByText(s.restore.done)).toBeTruthy();
    expect(screen.getByText('Your recovery code could not be brought along.')).toBeTruthy();
    expect(mock.seen).toBe(true);
    await user.click(screen.getByRole('button', { name: s.restore.read }));
    expect(onread).toHaveBeenCalledOnce();
  });

  it('works for a backup that has no code', async () => {
    const { user, backend } = await opened(keyOnly, { recoverWithPasskey: () => done(used), restore: () => done(restored) }, noCode);
    await user.type(await screen.findByLabelText(s.pin.of.security_key), PIN + '{Enter}');
    expect(backend.recoverWithPasskey).toHaveBeenCalledOnce();
    expect(await screen.findByText(s.restore.done)).toBeTruthy();
    expect(screen.queryByTestId('tries')).toBeNull();
  });

  it('is still a way when no try of the code is left', async () => {
    await opened({}, {}, { tries_left: 0 });
    expect(await screen.findByText(s.restore.gone)).toBeTruthy();
    expect(screen.getByText(s.restore.keptWhere)).toBeTruthy();
    expect(screen.queryByLabelText(s.code.label)).toBeNull();
  });

  it('shows a refusal in three parts, spends nothing, and lets go of it when another way is taken', async () => {
    const refused = { ...failure, code: 'no_passkey_here', happened: 'No passkey for this backup is kept here.' };
    const { user, backend } = await opened({}, { recoverWithPasskey: () => failed(refused) });
    await choose(s.restore.withPasskey);
    await choose(s.passkeys.places.this_computer);
    await user.type(pin('this_computer'), PIN + '{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain(refused.happened);
    expect(fields()).not.toContain(PIN);
    expect(backend.previewBackup).toHaveBeenCalledOnce();
    await choose(s.passkeys.places.security_key);
    await vi.waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  it('shows the tries that a wrong PIN left', async () => {
    const wrong = { ...failure, code: 'wrong_pin', happened: 'The PIN is wrong.', tries_left: 7 };
    const { user } = await opened(keyOnly, { recoverWithPasskey: () => failed(wrong) }, noCode);
    const field = await screen.findByLabelText(s.pin.of.security_key);
    expect(screen.queryByTestId('pin-tries')).toBeNull();
    await user.type(field, PIN + '{Enter}');
    expect((await screen.findByTestId('pin-tries')).textContent).toBe(s.pin.tries(7));
    await vi.waitFor(() => expect(document.activeElement).toBe(pin()));
  });

  it('is not asked for before the fleet has answered', async () => {
    await opened(keyOnly, { askVault: () => Promise.reject(failure) });
    expect(await screen.findByText(failure.happened)).toBeTruthy();
    expect(screen.queryByLabelText(s.pin.of.security_key)).toBeNull();
  });

  it('is not offered where the backup has none, and nobody is asked', async () => {
    const backend = fakeBackend({ previewBackup: async () => ({ ...preview, ways_back: ['offline_key'], passkey_places: [], needs_fleet: false }) });
    render(Restore, { props: { suggestedFleet: '', onrestored: () => undefined, onread: () => undefined }, ...within(backend) });
    await userEvent.type(screen.getByLabelText(s.restore.place), '/backup{Enter}');
    expect(await screen.findByText(s.restore.onlyOfflineKey)).toBeTruthy();
  });
});
