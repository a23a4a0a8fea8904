import { screen, within as inside } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { PasskeyRemoved } from '../src/backend/backend';
import { s } from '../src/strings';
import { done, failed, failure } from './fakeBackend';
import { action, added, blueKey, button, fields, here, laptop, PIN, pin, recovery, stick, vaultStatus } from './passkeyFakes';

describe('removing', () => {
  const spread = { acknowledged: 3, needed: 4, sites: 5, done: false };
  const removed: PasskeyRemoved = { name: 'Blue key', mock: false, spread, warnings: ['One backup is away.'] };

  it('names what still opens the backup, and what else has to be known afterwards', async () => {
    const { user, backend } = recovery({}, { removePasskey: () => done(removed) });
    await user.click(await action(s.passkeys.remove, 'Blue key'));
    const box = screen.getByRole('group', { name: s.passkeys.removeTitle('Blue key') });
    expect(box.textContent).toContain(s.passkeys.removeText);
    expect(box.textContent).toContain(s.passkeys.theCode);
    expect(box.textContent).toContain(s.passkeys.thePasskey('Laptop'));
    expect(inside(box).queryByLabelText(s.pin.of.security_key)).toBeNull();
    await user.click(button(s.passkeys.removeYes));
    expect(backend.removePasskey).toHaveBeenCalledWith('b1', null, false, expect.anything());
    expect(await screen.findByText(`${s.passkeys.removed('Blue key')} ${s.spread.removed(spread)}`)).toBeTruthy();
    expect(screen.getByText('One backup is away.')).toBeTruthy();
  });

  it('asks for the PIN of one kept here, and clears it', async () => {
    const { user, backend } = recovery({}, { removePasskey: () => done(removed) });
    await user.click(await action(s.passkeys.remove, 'Laptop'));
    expect(button(s.passkeys.removeYes)).toHaveProperty('disabled', true);
    await user.type(pin('this_computer'), PIN);
    await user.click(button(s.passkeys.removeYes));
    expect(backend.removePasskey).toHaveBeenCalledWith('a1', PIN, false, expect.anything());
    expect(fields()).not.toContain(PIN);
  });

  it('goes without the PIN only when told so, and only if no other passkey would go along', async () => {
    const { user, backend } = recovery({}, { removePasskey: () => done(removed) });
    await user.click(await action(s.passkeys.remove, 'Laptop'));
    await user.type(pin('this_computer'), PIN);
    await user.click(screen.getByLabelText(s.passkeys.withoutPin));
    expect(fields()).not.toContain(PIN);
    await user.click(button(s.passkeys.removeYes));
    expect(backend.removePasskey).toHaveBeenCalledWith('a1', null, false, expect.anything());
  });

  it('insists on the PIN while another passkey is kept here', async () => {
    const { user } = recovery({ passkeys: [laptop, { ...laptop, id: 'a2', name: 'Old one' }] });
    await user.click(await action(s.passkeys.remove, 'Laptop'));
    expect(screen.queryByLabelText(s.passkeys.withoutPin)).toBeNull();
  });

  it('needs the person’s word for the last way in', async () => {
    const { user, backend } = recovery({ passkeys: [{ ...blueKey, last_way_in: true }], has_code: false }, { removePasskey: () => done(removed) });
    await user.click(await action(s.passkeys.remove, 'Blue key'));
    expect(screen.getByText(s.passkeys.afterNothing)).toBeTruthy();
    expect(button(s.passkeys.removeYes)).toHaveProperty('disabled', true);
    await user.click(screen.getByLabelText(s.passkeys.understood));
    await user.click(button(s.passkeys.removeYes));
    expect(backend.removePasskey).toHaveBeenCalledWith('b1', null, true, expect.anything());
  });

  it('asks for that word when only the core knew that it is the last', async () => {
    const refusals = [{ ...failure, code: 'last_way_in', happened: 'This is the last way in.' }];
    const removePasskey = () => {
      const refusal = refusals.shift();
      return refusal ? failed<PasskeyRemoved>(refusal) : done(removed);
    };
    const { user, backend } = recovery({}, { removePasskey });
    await user.click(await action(s.passkeys.remove, 'Blue key'));
    await user.click(button(s.passkeys.removeYes));
    expect(await screen.findByText('This is the last way in.')).toBeTruthy();
    expect(button(s.passkeys.removeYes)).toHaveProperty('disabled', true);
    await user.click(screen.getByLabelText(s.passkeys.understood));
    await user.click(button(s.passkeys.removeYes));
    expect(backend.removePasskey).toHaveBeenLastCalledWith('b1', null, true, expect.anything());
  });
});

describe('adding a passkey', () => {
  const add = async (user: UserEvent) => user.click(await screen.findByRole('button', { name: s.passkeys.add }));

  it('says the limits of each place before one is chosen, and why one cannot be', async () => {
    const away = { ...stick, available: false, problem: 'No security key is plugged in.' };
    const { user, backend } = recovery({ holders: [here, away] });
    await add(user);
    expect(screen.getByText(here.limit)).toBeTruthy();
    expect(screen.getByText(away.limit)).toBeTruthy();
    expect(screen.getByText('No security key is plugged in.')).toBeTruthy();
    expect(screen.getByLabelText(/Security key/)).toHaveProperty('disabled', true);
    expect(screen.queryByLabelText(s.passkeys.name)).toBeNull();
    await user.click(button(s.passkeys.lookAgain));
    expect(backend.passkeys).toHaveBeenCalledTimes(2);
  });

  it('offers no second one on this computer', async () => {
    const { user } = recovery();
    await add(user);
    expect(screen.getByText(s.passkeys.oneHere)).toBeTruthy();
    expect(screen.getByRole('radio', { name: /This computer/ })).toHaveProperty('disabled', true);
    expect(screen.getByRole('radio', { name: /Security key/ })).toHaveProperty('disabled', false);
  });

  it('takes a name, and the first PIN twice', async () => {
    const { user, backend } = recovery({ passkeys: [{ ...blueKey, name: s.passkeys.names.this_computer }], holders: [{ ...here, choose_pin: true }, stick] }, { addPasskey: () => done(added({ warnings: ['One backup is away.'] })) });
    await add(user);
    await user.click(screen.getByLabelText(/This computer/));
    expect(screen.getByLabelText<HTMLInputElement>(s.passkeys.name).value).toBe(`${s.passkeys.names.this_computer} 2`);
    await user.type(screen.getByLabelText(s.pin.choose), '12345');
    await user.tab();
    expect(screen.getByText(s.pin.short)).toBeTruthy();
    await user.type(screen.getByLabelText(s.pin.choose), '6');
    await user.type(screen.getByLabelText(s.pin.again), '123457');
    expect(screen.getByText(s.pin.differs)).toBeTruthy();
    expect(button(s.passkeys.make)).toHaveProperty('disabled', true);
    await user.type(screen.getByLabelText(s.pin.again), '{Backspace}6{Enter}');
    expect(backend.addPasskey).toHaveBeenCalledWith(null, 'this_computer', `${s.passkeys.names.this_computer} 2`, '123456', expect.anything());
    expect(await screen.findByText(s.passkeys.made('Blue key'))).toBeTruthy();
    expect(screen.getAllByText(blueKey.what_if).length).toBeGreaterThan(0);
    expect(screen.getByText('One backup is away.')).toBeTruthy();
    expect(fields()).not.toContain('123456');
  });

  it('forgets the PIN that was refused, and forgets it too when the place changes', async () => {
    const wrong = { ...failure, code: 'wrong_pin', happened: 'The PIN is wrong.', tries_left: 7 };
    const { user } = recovery({ passkeys: [blueKey] }, { addPasskey: () => failed(wrong) });
    await add(user);
    await user.click(screen.getByLabelText(/Security key/));
    await user.type(pin(), PIN + '{Enter}');
    expect(await screen.findByText('The PIN is wrong.')).toBeTruthy();
    expect(screen.getByTestId('pin-tries').textContent).toBe(s.pin.tries(7));
    expect(fields()).not.toContain(PIN);
    await user.type(pin(), PIN);
    await user.click(screen.getByLabelText(/This computer/));
    expect(fields()).not.toContain(PIN);
    expect(screen.getByTestId('pin-tries').textContent).toBe(s.pin.tries(10));
    expect(screen.queryByText('The PIN is wrong.')).toBeNull();
  });

  it('is given up with Escape, and gives the keyboard back', async () => {
    const { user } = recovery({ passkeys: [blueKey] });
    await add(user);
    expect(document.activeElement).toBe(screen.getByRole('group', { name: s.passkeys.add }));
    await user.tab();
    expect(document.activeElement).toBe(screen.getByLabelText(/This computer/));
    await user.keyboard('{Escape}');
    await vi.waitFor(() => expect(document.activeElement).toBe(button(s.passkeys.add)));
    expect(screen.queryByText(here.limit)).toBeNull();
  });

  it('says MOCK where a MOCK security key can be chosen', async () => {
    const { user } = recovery({ holders: [here, { ...stick, mock: true }] });
    await add(user);
    expect(screen.getByText(s.passkeys.mockKey)).toBeTruthy();
  });
});

describe('an account with passkeys only', () => {
  it('offers a recovery code, and neither a drill nor a new code', async () => {
    const codeless = { vaultStatus: async () => vaultStatus({ code_version: 0 }) };
    const { user, onprotect } = recovery({ has_code: false, can_reveal_code: false }, codeless, { vault: null });
    expect(await screen.findByText('Blue key')).toBeTruthy();
    expect(screen.getByText(s.recovery.noCode)).toBeTruthy();
    expect(screen.queryByText(s.recovery.drill)).toBeNull();
    expect(screen.queryByText(s.recovery.rotate)).toBeNull();
    await user.click(button(s.recovery.addCode));
    expect(onprotect).toHaveBeenCalledOnce();
  });
});
