import { screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RevealedCode } from '../src/backend/backend';
import { s } from '../src/strings';
import { done, failed, failure, FINGERPRINT, RIGHT_CODE, steered } from './fakeBackend';
import { blueKey, button, fields, laptop, PIN, pin, recovery } from './passkeyFakes';

const answer = (code = RIGHT_CODE): RevealedCode => ({ code, fleet_url: 'http://fleet#sha256=00', fingerprint: FINGERPRINT, mock: true });
const groups = () => screen.findAllByTestId('code-group');
const writeText = vi.fn(async (_: string) => undefined);

/** Asks for the code with the only passkey there is. */
async function asked(revealCode: NonNullable<Parameters<typeof recovery>[1]>['revealCode']) {
  const page = recovery({ passkeys: [blueKey] }, { revealCode });
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  await page.user.click(await screen.findByRole('button', { name: s.reveal.go }));
  await page.user.keyboard(PIN + '{Enter}');
  return page;
}

describe('showing the recovery code again', () => {
  beforeEach(() => writeText.mockClear());
  afterEach(() => vi.useRealTimers());

  it('shows it in groups after a passkey was checked, with MOCK in words', async () => {
    const { backend } = await asked(() => done(answer()));
    expect(backend.revealCode).toHaveBeenCalledWith('b1', PIN, expect.anything());
    expect((await groups()).map((g) => g.textContent).join('-')).toBe(RIGHT_CODE);
    expect(screen.getByText(s.mock.word)).toBeTruthy();
    expect(fields()).not.toContain(PIN);
  });

  it('shows a chosen code as it is', async () => {
    await asked(() => done(answer('my-own code, with-dashes')));
    expect((await groups()).map((g) => g.textContent)).toEqual(['my-own code, with-dashes']);
  });

  it('asks which passkey, when there are several', async () => {
    const { user, backend } = recovery({}, { revealCode: () => done(answer()) });
    await user.click(await screen.findByRole('button', { name: s.reveal.go }));
    expect(screen.queryByRole('button', { name: s.reveal.check })).toBeNull();
    await user.click(screen.getByRole('radio', { name: /Laptop/ }));
    await user.type(pin('this_computer'), PIN + '{Enter}');
    expect(backend.revealCode).toHaveBeenCalledWith('a1', PIN, expect.anything());
  });

  it('hides it again by itself after a minute, and keeps nothing of it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    const revealed = answer();
    await asked(() => done(revealed));
    await groups();
    vi.advanceTimersByTime(59_000);
    expect(screen.queryAllByTestId('code-group')).toHaveLength(4);
    vi.advanceTimersByTime(1_500);
    expect(await screen.findByText(s.reveal.timedOut)).toBeTruthy();
    expect(document.body.innerHTML).not.toContain('0000');
    expect(revealed.code).toBe('');
    await vi.waitFor(() => expect(document.activeElement).toBe(button(s.reveal.go)));
  });

  it.each([
    ['the button', async (user: ReturnType<typeof recovery>['user']) => user.click(button(s.reveal.hide))],
    ['Escape', async (user: ReturnType<typeof recovery>['user']) => user.keyboard('{Escape}')],
  ])('hides it at once with %s', async (_, hide) => {
    const revealed = answer();
    const { user } = await asked(() => done(revealed));
    await groups();
    await hide(user);
    expect(await screen.findByText(s.reveal.hidden)).toBeTruthy();
    expect(revealed.code).toBe('');
  });

  it('forgets it when the person leaves, also when it comes only then', async () => {
    const shown = answer();
    const first = await asked(() => done(shown));
    await groups();
    await first.user.click(button(s.action.copy));
    expect(writeText).toHaveBeenCalledWith(RIGHT_CODE);
    first.view.unmount();
    expect(shown.code).toBe('');
    expect(writeText).toHaveBeenLastCalledWith('');

    const late = steered<RevealedCode>();
    const second = await asked((_id, _pin, tell) => late.start(tell));
    second.view.unmount();
    expect(late.stop).toHaveBeenCalledOnce();
    const code = answer();
    late.finish(code);
    await vi.waitFor(() => expect(code.code).toBe(''));
  });

  it('shows nothing when the passkey is refused', async () => {
    await asked(() => failed({ ...failure, code: 'passkey_refused', happened: 'The fleet could not verify this passkey.' }));
    expect(await screen.findByText('The fleet could not verify this passkey.')).toBeTruthy();
    expect(screen.queryByTestId('code-group')).toBeNull();
    expect(pin().value).toBe('');
  });

  it('is not offered where it cannot be done', async () => {
    recovery({ can_reveal_code: false });
    expect(await screen.findByText('Laptop')).toBeTruthy();
    expect(screen.queryByText(s.reveal.title)).toBeNull();
  });

  it('says so when no passkey can be used here', async () => {
    recovery({ passkeys: [{ ...laptop, place: null }] });
    expect(await screen.findByText(s.reveal.noneHere)).toBeTruthy();
    expect(screen.queryByRole('button', { name: s.reveal.go })).toBeNull();
  });
});
