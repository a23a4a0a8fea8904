import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { BackupPreview, RestoreReport } from '../src/backend/backend';
import Restore from '../src/features/restore/Restore.svelte';
import { s } from '../src/strings';
import { done, failure, fakeBackend, within } from './fakeBackend';

const preview: BackupPreview = {
  url: 'file:///backup',
  ways_back: ['offline_key', 'recovery_code'],
  generated_code: true,
  passkey_places: [],
  needs_fleet: true,
  problem: null,
};
const restored: RestoreReport = { snapshot: 'a', conversations: 2, messages: 31, media: 1, kept: 0, missing_media: 0, seconds: 1, problems: [] };
const KEY = '0123 4567 89ab cdef '.repeat(4).trim();

async function withKey(answers: Parameters<typeof fakeBackend>[0], change: Partial<BackupPreview> = {}) {
  const backend = fakeBackend({ previewBackup: async () => ({ ...preview, ...change }), ...answers });
  render(Restore, { props: { suggestedFleet: '', onrestored: vi.fn(), onread: vi.fn() }, ...within(backend) });
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(s.restore.place), '/backup{Enter}');
  await user.click(await screen.findByRole('button', { name: s.restore.haveOfflineKey }));
  return { backend, user, field: screen.getByLabelText<HTMLInputElement>(s.restore.offlineKey) };
}

describe('restoring with the offline key', () => {
  it('brings the chats back and asks no fleet', async () => {
    const { backend, user, field } = await withKey({ recoverWithOfflineKey: async () => null, restore: () => done(restored) });
    await user.type(field, KEY + '{Enter}');
    expect(await screen.findByText(s.restore.done)).toBeTruthy();
    expect(backend.recoverWithOfflineKey).toHaveBeenCalledWith('/backup', KEY);
    expect(screen.queryByLabelText(s.restore.fleet)).toBeNull();
  });

  it('keeps what was typed when it was wrong, so that a slip can be mended', async () => {
    const wrong = { ...failure, code: 'wrong_key', happened: 'This key does not open the backup.' };
    const { user, field } = await withKey({ recoverWithOfflineKey: () => Promise.reject(wrong) });
    await user.type(field, KEY);
    await user.click(screen.getByRole('button', { name: s.restore.go }));
    expect(await screen.findByText(wrong.happened)).toBeTruthy();
    expect(field.value).toBe(KEY);
    await user.click(screen.getByRole('button', { name: s.restore.offlineBack }));
    expect(screen.getByLabelText(s.restore.fleet)).toBeTruthy();
  });

  it('is the way into a backup that has no other', async () => {
    const { field } = await withKey({}, { ways_back: ['offline_key', 'this_computer'], needs_fleet: false });
    expect(field).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.restore.offlineBack }));
    expect(screen.getByText(s.restore.onlyOfflineKey)).toBeTruthy();
  });
});
