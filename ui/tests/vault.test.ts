import { screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Recovered, VaultEvent, VaultStatus } from '../src/backend/backend';
import { s } from '../src/strings';
import { atThree, done, everywhere, failure, RIGHT_CODE } from './fakeBackend';
import { button, recovery, vaultStatus } from './passkeyFakes';

const shown = (change: Partial<VaultStatus>, answers: Parameters<typeof recovery>[1] = {}) =>
  recovery({}, { vaultStatus: async () => vaultStatus(change), ...answers });

describe('the account at the vault', () => {
  it('names what is still on its way, and does not call it done', async () => {
    const pending = [
      { kind: 'tries_back' as const, spread: atThree, since: 1 },
      { kind: 'passkeys' as const, spread: { ...atThree, needed: 5, acknowledged: 4 }, since: 1 },
    ];
    shown({ pending });
    const lines = (await screen.findAllByTestId('pending')).map((line) => line.textContent);
    expect(lines).toEqual([
      '3 of 5 sites know that all tries are back. The rest will follow.',
      '4 of 5 sites know which passkeys you have now. The rest will follow.',
    ]);
  });

  it('tells of a try that somebody else made, and gives the tries back', async () => {
    let given = false;
    const answer = async () => vaultStatus(given ? {} : { tries_left: 9, tries_elsewhere: 1, tries_by_header: true, can_reset: true });
    const resetTries = async () => {
      given = true;
      return { spread: atThree, max_tries: 10, mock: false };
    };
    const { user } = recovery({}, { vaultStatus: answer, resetTries });
    expect((await screen.findByTestId('elsewhere')).textContent).toBe(s.recovery.elsewhere(1, true));
    await user.click(button(s.recovery.reset));
    expect(await screen.findByText(s.spread.triesBack(atThree))).toBeTruthy();
    expect(await screen.findByText(s.recovery.tries(10, 10))).toBeTruthy();
    expect(screen.queryByTestId('elsewhere')).toBeNull();
    expect(screen.queryByRole('button', { name: s.recovery.reset })).toBeNull();
  });

  it('says until when a code is frozen, and why the tries could not be given back', async () => {
    const { user } = shown({ tries_left: 0, frozen_until: 1_900_000_000, can_reset: true }, { resetTries: () => Promise.reject(failure) });
    expect((await screen.findByTestId('frozen')).textContent).toBe(s.recovery.frozen(1_900_000_000));
    await user.click(button(s.recovery.reset));
    expect((await screen.findByRole('alert')).textContent).toContain(s.nextSteps[failure.next]);
  });

  it('offers to give back nothing where nothing was used', async () => {
    shown({});
    expect(await screen.findByText(s.recovery.tries(10, 10))).toBeTruthy();
    expect(screen.queryByRole('button', { name: s.recovery.reset })).toBeNull();
  });

  it.each(['too_few_sites', 'evidence_refused'])('takes the field for a code away while the vault gives no good answer (%s)', async (code) => {
    const next = code === 'evidence_refused' ? ('ask_auditor' as const) : failure.next;
    shown({}, { vaultStatus: () => Promise.reject({ ...failure, code, next }) });
    expect(await screen.findByText(failure.happened)).toBeTruthy();
    expect(screen.queryByText(s.recovery.drill)).toBeNull();
  });

  it('names a site that was caught', async () => {
    const liar = { index: 2, region: 'north', endpoint: 'e', serial: 1, session_key: '04', reachable: true, problem: null, caught: ['it voted twice in one slot'] };
    shown({ sites: [liar] });
    expect(await screen.findByText(s.caught.line(2, 'north', ['it voted twice in one slot']))).toBeTruthy();
  });

  it('says of a drill how far the sites agree', async () => {
    const proved: Recovered = { tries_left: 10, confirmed: false, spread: atThree, sites_answered: 3, sites: 5, mock: false, milliseconds: 40, caught: [] };
    const { user } = shown({}, { drill: () => done(proved) });
    await user.type(await screen.findByLabelText(s.code.label), RIGHT_CODE);
    await user.click(button(s.recovery.drillGo));
    expect((await screen.findByText(s.recovery.drillGood)).closest('p')?.textContent).toContain(s.spread.triesBack(atThree));
  });

  it('says of a line in the history that one site alone tells of it', async () => {
    const line: VaultEvent = { at: 1_700_000_000, kind: 'tried', text: 'A recovery code was tried', own: false, told_by: 1, sites: 5 };
    const everybody: VaultEvent = { ...line, kind: 'confirmed', text: 'The right code was given', told_by: 5 };
    shown({}, { vaultEvents: async () => [line, everybody] });
    expect(await screen.findByText(s.recovery.toldBy(1, 5))).toBeTruthy();
    expect(screen.queryByText(s.recovery.toldBy(5, 5))).toBeNull();
  });

  it('knows the words for what is done and what is not', () => {
    expect(s.spread.triesBack(everywhere)).toBe('All tries are back.');
    expect(s.spread.triesBack(atThree)).toBe('3 of 5 sites agree that all tries are back. The rest will follow.');
    expect(s.spread.removed(atThree)).toContain('Removed at 3 of 5 sites.');
    expect(s.spread.replaced(atThree)).toContain('dead at 3 of 5 sites');
  });
});
