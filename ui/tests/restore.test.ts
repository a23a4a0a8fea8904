import { screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Recovered } from '../src/backend/backend';
import { mock } from '../src/design/mock.svelte';
import { s } from '../src/strings';
import { atThree, done, everywhere, failed, failure, FINGERPRINT, RIGHT_CODE, SLIPPED_CODE, steered } from './fakeBackend';
import { field, found, go, opened, own, recovered, restored, vault } from './restoreFakes';

describe('restoring', () => {
  it('asks nobody before the person has said which fleet it is', async () => {
    const { user, backend } = await found({}, { askVault: async () => vault });
    expect(await screen.findByLabelText(s.restore.fleet)).toBeTruthy();
    expect(screen.queryByLabelText(s.code.label)).toBeNull();
    expect(backend.askVault).not.toHaveBeenCalled();
    expect(screen.getByRole('button', { name: s.restore.ask })).toHaveProperty('disabled', true);
    await user.type(screen.getByLabelText(s.restore.fleet), ` ${FINGERPRINT} {Enter}`);
    expect(backend.askVault).toHaveBeenCalledWith('/backup', FINGERPRINT);
    expect(await screen.findByText(s.restore.asked(FINGERPRINT))).toBeTruthy();
  });

  it('does not go on with another fleet than the one on the sheet, and lets the person mend a slip', async () => {
    const other = { ...failure, code: 'other_fleet', happened: 'This backup names another fleet.' };
    const { user } = await found({}, { askVault: () => Promise.reject(other) });
    await user.type(await screen.findByLabelText(s.restore.fleet), '0000-0000-0000-0000{Enter}');
    expect(await screen.findByText(other.happened)).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>(s.restore.fleet).value).toBe('0000-0000-0000-0000');
    expect(screen.queryByLabelText(s.code.label)).toBeNull();
  });

  it('asks the fleet of this computer\u2019s own account at once', async () => {
    const { backend } = await found({ needs_fleet: false }, { askVault: async () => vault });
    expect(await screen.findByTestId('tries')).toBeTruthy();
    expect(backend.askVault).toHaveBeenCalledWith('/backup', null);
  });

  it('says why a code of an old vault is of no use', async () => {
    await found({ needs_fleet: false, ways_back: ['offline_key'], problem: 'This code is at a vault of version 1.' });
    expect(await screen.findByText('This code is at a vault of version 1.')).toBeTruthy();
  });

  it('tells the tries left before any is spent, and marks the mock', async () => {
    const { backend } = await opened({ tries_left: 7 }, {}, own);
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
    const { user, backend, onread } = await opened({}, { recover: (_p, _f, _c, tell) => opening.start(tell), restore: () => done(restored) });
    const code = await field();
    await user.type(code, RIGHT_CODE);
    await user.click(go());
    expect(backend.recover).toHaveBeenCalledWith('/backup', FINGERPRINT, RIGHT_CODE, expect.anything());
    opening.finish(recovered);
    expect(await screen.findByText(s.restore.done)).toBeTruthy();
    expect(document.body.innerHTML).not.toContain(RIGHT_CODE);
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
    const { user, backend } = await opened({ tries_left: 2 }, { recover: () => done(recovered), restore: () => done(restored) }, own);
    await user.type(await field(), RIGHT_CODE);
    expect(go()).toHaveProperty('disabled', true);
    await user.click(screen.getByLabelText(s.restore.few(2)));
    await user.click(go());
    expect(backend.recover).toHaveBeenCalledOnce();
  });

  it('asks for the tries again after a wrong code, and keeps the reason on screen', async () => {
    const wrong = { ...failure, code: 'wrong_code', happened: 'The code is wrong.', tries_left: 9 };
    const { user, backend } = await opened({}, { recover: () => failed(wrong) });
    await user.type(await field(), RIGHT_CODE);
    await user.click(go());
    expect(await screen.findByText('The code is wrong.')).toBeTruthy();
    expect(backend.askVault).toHaveBeenCalledTimes(2);
  });

  it('asks for no consent with a generated code: a wrong one costs no try', async () => {
    const { user } = await opened({ tries_left: 1 });
    await user.type(await field(), RIGHT_CODE);
    expect(go()).toHaveProperty('disabled', false);
    expect(screen.getByText(s.restore.triesHintGenerated)).toBeTruthy();
  });

  it('says that three sites agree and the rest will follow, not that all tries are back', async () => {
    const pending = { ...recovered, confirmed: false, spread: atThree };
    const { user } = await opened({}, { recover: () => done(pending), restore: () => done(restored) });
    await user.type(await field(), RIGHT_CODE);
    await user.click(go());
    expect(await screen.findByText(s.spread.triesBack(atThree))).toBeTruthy();
    expect(screen.queryByText(s.spread.triesBack(everywhere))).toBeNull();
  });

  it('names a site that was caught', async () => {
    const lied = { ...recovered, caught: [{ index: 4, region: 'eu-west', what: ['it voted twice in one slot'] }] };
    const { user } = await opened({}, { recover: () => done(lied), restore: () => done(restored) });
    await user.type(await field(), RIGHT_CODE);
    await user.click(go());
    expect(await screen.findByText(s.caught.line(4, 'eu-west', ['it voted twice in one slot']))).toBeTruthy();
  });

  it('says until when a code is frozen, and that a computer of the owner can give the tries back', async () => {
    await opened({ tries_left: 0, frozen_until: 1_900_000_000 }, {}, own);
    expect(await screen.findByText(s.restore.frozen(1_900_000_000))).toBeTruthy();
    expect(screen.queryByText(s.restore.gone)).toBeNull();
    expect(screen.queryByLabelText(s.code.label)).toBeNull();
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
