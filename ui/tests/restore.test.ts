import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { BackupPreview, Recovered, RestoreReport } from '../src/backend/backend';
import { mock } from '../src/design/mock.svelte';
import Restore from '../src/features/restore/Restore.svelte';
import { s } from '../src/strings';
import { done, failure, fakeBackend, RIGHT_CODE, SLIPPED_CODE, steered, within } from './fakeBackend';

const preview: BackupPreview = {
  url: 'file:///backup',
  ways_back: ['recovery_code'],
  fleet_url: 'http://127.0.0.1:7000#sha256=00',
  fleet_id: '00',
  mock: true,
  generated_code: true,
  passkey_places: [],
  tries_left: 10,
  wait_seconds: 0,
  problem: null,
};
const recovered: Recovered = { tries_left: 10, confirmed: true, sites_answered: 5, sites: 5, mock: true, milliseconds: 40 };
const restored: RestoreReport = { snapshot: 'a', conversations: 2, messages: 31, media: 1, kept: 0, seconds: 1, problems: [] };

async function opened(change: Partial<BackupPreview>, answers: Parameters<typeof fakeBackend>[0] = {}) {
  const backend = fakeBackend({ previewBackup: async () => ({ ...preview, ...change }), ...answers });
  const onread = vi.fn();
  render(Restore, { props: { onrestored: () => undefined, onread }, ...within(backend) });
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(s.restore.place), '/backup');
  await user.click(screen.getByRole('button', { name: s.restore.look }));
  return { backend, user, onread };
}

const field = () => screen.findByLabelText<HTMLInputElement>(s.code.label);
const go = () => screen.getByRole('button', { name: s.restore.go });

describe('restoring', () => {
  it('tells the tries left before any is spent, and marks the mock', async () => {
    const { backend } = await opened({ tries_left: 7 });
    expect((await screen.findByTestId('tries')).textContent).toContain('7 tries left');
    expect(backend.previewBackup).toHaveBeenCalledWith('/backup');
    expect(mock.seen).toBe(true);
  });

  it('catches a typo in a generated code before it costs a try', async () => {
    const { user } = await opened({});
    await user.type(await field(), SLIPPED_CODE + '{Enter}');
    expect(screen.getByText(s.code.slips.checksum)).toBeTruthy();
    expect(go()).toHaveProperty('disabled', true);
    // `recover` is not among the fake's answers: asking for it would have thrown.
  });

  it('restores with the right code and forgets it', async () => {
    const opening = steered<Recovered>();
    const { user, backend, onread } = await opened({}, { recover: (_p, _c, tell) => opening.start(tell), restore: () => done(restored) });
    const code = await field();
    await user.type(code, RIGHT_CODE);
    await user.click(go());
    expect(backend.recover).toHaveBeenCalledWith('/backup', RIGHT_CODE, expect.anything());
    expect(code.value).toBe('');
    opening.finish(recovered);
    expect(await screen.findByText(s.restore.done)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: s.restore.read }));
    expect(onread).toHaveBeenCalledOnce();
  });

  it('says what could not be brought back', async () => {
    const partly = { ...restored, problems: ['beach.jpg is damaged'] };
    const { user } = await opened({}, { recover: () => done(recovered), restore: () => done(partly) });
    await user.type(await field(), RIGHT_CODE);
    await user.click(go());
    expect(await screen.findByText('beach.jpg is damaged')).toBeTruthy();
  });

  it('asks for consent to each of the last tries', async () => {
    const { user, backend } = await opened({ tries_left: 2 }, { recover: () => done(recovered), restore: () => done(restored) });
    await user.type(await field(), RIGHT_CODE);
    expect(go()).toHaveProperty('disabled', true);
    await user.click(screen.getByLabelText(s.restore.few(2)));
    await user.click(go());
    expect(backend.recover).toHaveBeenCalledOnce();
  });

  it('asks for the tries again after a wrong code, and keeps the reason on screen', async () => {
    const wrong = { ...failure, code: 'wrong_code', happened: 'The code is wrong.', tries_left: 9 };
    const { user, backend } = await opened({}, { recover: () => ({ result: Promise.reject(wrong), stop: () => undefined }) });
    await user.type(await field(), RIGHT_CODE);
    await user.click(go());
    expect(await screen.findByText('The code is wrong.')).toBeTruthy();
    expect(backend.previewBackup).toHaveBeenCalledTimes(2);
  });

  it('offers no field when no try is left', async () => {
    await opened({ tries_left: 0 });
    expect(await screen.findByText(s.restore.gone)).toBeTruthy();
    expect(screen.queryByLabelText(s.code.label)).toBeNull();
  });

  it('makes the person wait as long as the vault says', async () => {
    const { user } = await opened({ wait_seconds: 60 });
    await user.type(await field(), RIGHT_CODE);
    expect(go()).toHaveProperty('disabled', true);
  });
});
