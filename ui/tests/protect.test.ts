import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FleetReport, NewCode } from '../src/backend/backend';
import Protect from '../src/features/protect/Protect.svelte';
import { s } from '../src/strings';
import { done, failure, fakeBackend, FINGERPRINT, RIGHT_CODE, within } from './fakeBackend';

const fleet: FleetReport = {
  trusted: true,
  verdict: 'MOCK: five sites, every check passed.',
  mock: true,
  url: null,
  trust: '00',
  fingerprint: FINGERPRINT,
  namespace: 'mock.keepsake',
  fleet_id: '00',
  epoch: 1,
  threshold: 3,
  policy: { strict: false, votes_first: 3, votes_last: 4, guesses: 10, guesses_at_worst: 20 },
  not_after: 2_000_000_000,
  sites: [],
  checks: [],
  bundle: '00',
  checked_at: 1_900_000_000,
  evidence: null,
  asked_sites: false,
  changes: [],
  next: '',
};
const newCode = (): NewCode => ({ code: RIGHT_CODE, fleet_url: 'f', fingerprint: FINGERPRINT, account: 'a', version: 1, mock: true, sites_registered: 5, replaced: null, warnings: ['One site was away.'] });
const writeText = vi.fn(async (_: string) => undefined);

function shown(answers: Parameters<typeof fakeBackend>[0], suggestedFleet = 'http://fleet#sha256=00') {
  const backend = fakeBackend({ verifyFleet: async () => fleet, ...answers });
  const [ondone, onmade, onlater] = [vi.fn(), vi.fn(), vi.fn()];
  const user = userEvent.setup();
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  const view = render(Protect, { props: { suggestedFleet, passkeys: 0, onmade, ondone, onlater }, ...within(backend) });
  return { backend, ondone, onmade, onlater, user, view };
}

/** The page of the vault, where a code is made. */
async function atVault(answers: Parameters<typeof fakeBackend>[0]) {
  const page = shown(answers);
  await page.user.click(screen.getByRole('button', { name: s.protect.goOn }));
  return page;
}

const make = () => screen.findByRole('button', { name: s.protect.make });
const button = (name: string) => screen.getByRole('button', { name });

describe('making the way back', () => {
  beforeEach(() => writeText.mockClear());

  it('offers no code from a fleet that failed its checks', async () => {
    await atVault({ verifyFleet: async () => ({ ...fleet, trusted: false, verdict: 'Do not use this fleet.' }) });
    expect(await screen.findByText('Do not use this fleet.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: s.protect.make })).toBeNull();
  });

  it('shows the code in groups and goes on only when it was typed back', async () => {
    const { user, ondone, backend } = await atVault({ enroll: () => done(newCode()) });
    await user.click(await make());
    const groups = await screen.findAllByTestId('code-group');
    expect(groups.map((g) => g.textContent).join('-')).toBe(RIGHT_CODE);
    expect(screen.getByText('One site was away.')).toBeTruthy();
    const finish = screen.getByRole('button', { name: s.sheet.finish });
    const back = screen.getByLabelText(s.sheet.typeBack);
    await user.type(back, '0000 0000 0000 0009');
    expect(screen.getByText(s.sheet.mismatch)).toBeTruthy();
    expect(finish).toHaveProperty('disabled', true);
    await user.clear(back);
    await user.type(back, '0000 oooo 0000 0000');
    await user.click(finish);
    expect(backend.confirmCode).toHaveBeenCalledOnce();
    expect(ondone).toHaveBeenCalledWith('code');
  });

  it('takes no pasted code for one from paper', async () => {
    const { user } = await atVault({ enroll: () => done(newCode()) });
    await user.click(await make());
    await user.click(await screen.findByLabelText(s.sheet.typeBack));
    await user.paste(RIGHT_CODE);
    expect(screen.getByLabelText<HTMLInputElement>(s.sheet.typeBack).value).toBe('');
  });

  it('hides the code once it was copied, and says so', async () => {
    const { user } = await atVault({ enroll: () => done(newCode()) });
    await user.click(await make());
    await user.click(await screen.findByRole('button', { name: s.action.copy }));
    expect(writeText).toHaveBeenCalledWith(RIGHT_CODE);
    expect(screen.getByText(s.sheet.copyNote)).toBeTruthy();
    expect(screen.getAllByTestId('code-group').some((g) => g.textContent?.includes('0'))).toBe(false);
  });

  it('keeps nothing of the code when the person leaves', async () => {
    const made = newCode();
    const { user, view } = await atVault({ enroll: () => done(made) });
    await user.click(await make());
    await user.click(await screen.findByRole('button', { name: s.action.copy }));
    view.unmount();
    expect(document.body.textContent).not.toContain(RIGHT_CODE);
    expect(JSON.stringify({ ...localStorage })).not.toContain('0000');
    expect(writeText).toHaveBeenLastCalledWith('');
  });

  it('refuses an own code that is too weak, and clears an accepted one', async () => {
    const strong = 'violet harbour 9 tin kettles';
    const { user, backend } = await atVault({
      codeStrength: async (code) => ({ score: code === strong ? 4 : 0, acceptable: code === strong, advice: 'Use several words.' }),
      enroll: () => done({ ...newCode(), code: null }),
    });
    await user.click(await screen.findByLabelText(new RegExp(s.protect.own)));
    const field = screen.getByLabelText<HTMLInputElement>(s.protect.ownLabel);
    await user.type(field, 'password');
    expect(await screen.findByText(/Use several words/)).toBeTruthy();
    const use = screen.getByRole('button', { name: s.protect.use });
    expect(use).toHaveProperty('disabled', true);
    await user.clear(field);
    await user.type(field, strong);
    await vi.waitFor(() => expect(use).toHaveProperty('disabled', false));
    await user.click(use);
    expect(backend.enroll).toHaveBeenCalledWith('http://fleet#sha256=00', strong, expect.anything());
    expect(await screen.findByText(s.protect.ownDone)).toBeTruthy();
    expect(document.body.innerHTML).not.toContain(strong);
  });
});

describe('the three ways back', () => {
  it('recommend a kit where no vault is known, and say of each what it is worth', () => {
    shown({}, '');
    const way = (name: string) => screen.getByLabelText<HTMLInputElement>(new RegExp(name));
    expect(way(s.protect.kit).checked).toBe(true);
    for (const words of [s.protect.kitGood, s.protect.kitBad, s.protect.codeGood, s.protect.codeBad, s.protect.keyGood, s.protect.keyBad]) {
      expect(screen.getByText(words)).toBeTruthy();
    }
    expect(screen.queryByLabelText(s.protect.fleetLabel)).toBeNull();
  });

  it('offer the vaults of this computer before an address', async () => {
    const known = { name: 'Our club', url: 'https://club.example/#sha256=00' };
    const { user, backend } = shown({ knownFleets: async () => [known] }, '');
    await user.click(screen.getByLabelText(new RegExp(s.protect.code)));
    await user.click(button(s.protect.goOn));
    await user.click(await screen.findByLabelText(/Our club/));
    expect(backend.verifyFleet).toHaveBeenCalledWith(known.url);
    expect(await make()).toBeTruthy();
  });

  it('take a pasted link for an address', async () => {
    const { user, backend } = shown({}, '');
    await user.click(screen.getByLabelText(new RegExp(s.protect.code)));
    await user.click(button(s.protect.goOn));
    await user.click(screen.getByLabelText(s.protect.fleetLabel));
    await user.paste('keepsake://fleet/club.example/#sha256=00');
    await user.click(button(s.protect.check));
    expect(backend.verifyFleet).toHaveBeenCalledWith('https://club.example/#sha256=00');
  });

  it('call a mock fleet a practice vault, and never to be trusted', async () => {
    await atVault({});
    expect(await screen.findByText(s.mock.verdict)).toBeTruthy();
    expect(screen.queryByText(fleet.verdict)).toBeNull();
  });
});

describe('leaving a code that was just made', () => {
  it('undoes its registration, or says why it could not', async () => {
    let broken = true;
    const discardCode = async () => {
      if (broken) throw failure;
      return null;
    };
    const { user, onmade } = await atVault({ enroll: () => done(newCode()), discardCode });
    await user.click(await make());
    await user.click(await screen.findByRole('button', { name: s.action.cancel }));
    await user.click(await screen.findByRole('button', { name: s.leave.throwAway.code }));
    expect(await screen.findByText(failure.happened)).toBeTruthy();
    broken = false;
    await user.click(button(s.leave.throwAway.code));
    expect(await screen.findByText(s.protect.kit)).toBeTruthy();
    expect(onmade).toHaveBeenCalledTimes(2);
    expect(document.body.textContent).not.toContain(RIGHT_CODE);
  });
});
