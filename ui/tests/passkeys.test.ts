import { screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { PasskeyUsed } from '../src/backend/backend';
import { s } from '../src/strings';
import { failed, failure, steered } from './fakeBackend';
import { action, blueKey, button, fields, laptop, overview, PIN, pin, recovery, used } from './passkeyFakes';

describe('the list of passkeys', () => {
  it('tells where each is kept, when it was used, and what it will take one day', async () => {
    recovery({ passkeys: [laptop, { ...blueKey, place: null }] });
    const [first, second] = await screen.findAllByRole('listitem');
    expect(first?.textContent).toContain(s.passkeys.places.this_computer);
    expect(first?.textContent).toContain(laptop.what_if);
    expect(second?.textContent).not.toContain(s.passkeys.places.security_key);
    expect(second?.textContent).toContain(s.passkeys.unused);
  });

  it('offers only to remove one that was added elsewhere, and no proof of one that the vault forgot', async () => {
    recovery({ passkeys: [{ ...laptop, in_fleet: false }, { ...blueKey, place: null }] });
    expect((await screen.findAllByRole('listitem'))[0]?.textContent).toContain(s.passkeys.unknown);
    expect(screen.queryByText(laptop.what_if)).toBeNull();
    expect(screen.queryByText(s.passkeys.prove)).toBeNull();
    expect(screen.getAllByText(s.passkeys.rename)).toHaveLength(1);
    expect(screen.getAllByText(s.passkeys.remove)).toHaveLength(2);
  });

  it('says MOCK in words, and that the list is from memory', async () => {
    recovery({ passkeys: [{ ...blueKey, mock: true }], problem: 'No site answered.' });
    expect(await screen.findByText(s.passkeys.mockKey)).toBeTruthy();
    expect(screen.getByText(new RegExp(s.passkeys.fromMemory)).textContent).toContain('No site answered.');
  });

  it('keeps the list when asking again fails', async () => {
    let answers = 0;
    const passkeys = async () => {
      if (answers++ > 0) throw failure;
      return overview();
    };
    const { user } = recovery({}, { passkeys, renamePasskey: async () => null });
    await user.click(await action(s.passkeys.rename, 'Blue key'));
    await user.keyboard('{Enter}');
    expect(await screen.findByText(failure.happened)).toBeTruthy();
    expect(screen.getByText('Blue key')).toBeTruthy();
  });
});

describe('renaming', () => {
  it('works by keyboard alone, and gives the keyboard back', async () => {
    const { user, backend } = recovery({}, { renamePasskey: async () => null });
    const rename = await action(s.passkeys.rename, 'Blue key');
    rename.focus();
    await user.keyboard('{Enter}');
    expect(document.activeElement).toBe(screen.getByLabelText(s.passkeys.name));
    await user.keyboard('Red key{Enter}');
    expect(backend.renamePasskey).toHaveBeenCalledWith('b1', 'Red key');
    await vi.waitFor(() => expect(document.activeElement).toBe(rename));
    expect(backend.passkeys).toHaveBeenCalledTimes(2);
  });

  it('is given up with Escape', async () => {
    const { user } = recovery();
    const rename = await action(s.passkeys.rename, 'Laptop');
    await user.click(rename);
    await user.keyboard('{Escape}');
    expect(screen.queryByLabelText(s.passkeys.name)).toBeNull();
    await vi.waitFor(() => expect(document.activeElement).toBe(rename));
  });
});

describe('proving that a passkey works', () => {
  it('hands the PIN over once, asks for the touch, and says what answered', async () => {
    const proof = steered<PasskeyUsed>();
    const { user, backend } = recovery({}, { drillPasskey: (_id, _pin, tell) => proof.start(tell) });
    await user.click(await action(s.passkeys.prove, 'Blue key'));
    expect(document.activeElement).toBe(pin());
    expect(screen.getByTestId('pin-tries').textContent).toBe(s.pin.tries(8));
    await user.keyboard(PIN + '{Enter}');
    expect(backend.drillPasskey).toHaveBeenCalledWith('b1', PIN, expect.anything());
    expect(fields()).not.toContain(PIN);
    proof.tell({ what: 'Touch your security key', done: 1, total: 3, unit: 'steps' });
    await vi.waitFor(() => expect(screen.getByTestId('touch').textContent).toContain('Touch your security key'));
    expect((await action(s.passkeys.remove, 'Laptop')).hasAttribute('disabled')).toBe(true);
    proof.finish({ ...used, mock: true, warnings: ['One site was away.'] });
    expect(await screen.findByText(s.passkeys.proved('Blue key'))).toBeTruthy();
    expect(screen.getByText(s.mock.word)).toBeTruthy();
    expect(screen.getByText('One site was away.')).toBeTruthy();
  });

  it('shows the tries that a wrong PIN left beside the field, and is ready for the next', async () => {
    const wrong = { ...failure, code: 'wrong_pin', happened: 'The PIN is wrong.', tries_left: 2 };
    const { user } = recovery({}, { drillPasskey: () => failed(wrong) });
    await user.click(await action(s.passkeys.prove, 'Laptop'));
    await user.keyboard('123456{Enter}');
    expect(await screen.findByText('The PIN is wrong.')).toBeTruthy();
    expect(screen.getByTestId('pin-tries').textContent).toBe(s.pin.tries(2));
    expect(pin('this_computer').value).toBe('');
    await vi.waitFor(() => expect(document.activeElement).toBe(pin('this_computer')));
  });

  it('keeps on screen why the passkeys here are gone', async () => {
    const wiped = { ...failure, code: 'pin_wiped', happened: 'Too many wrong PINs.' };
    const lists = [overview(), overview({ passkeys: [blueKey] })];
    const { user } = recovery({}, { passkeys: async () => lists.shift() ?? overview(), drillPasskey: () => failed(wiped) });
    await user.click(await action(s.passkeys.prove, 'Laptop'));
    await user.keyboard('123456{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('Too many wrong PINs.');
    await vi.waitFor(() => expect(screen.queryByText('Laptop')).toBeNull());
    expect(screen.getByText('Too many wrong PINs.')).toBeTruthy();
  });

  it('can be stopped', async () => {
    const proof = steered<PasskeyUsed>();
    const { user } = recovery({}, { drillPasskey: (_id, _pin, tell) => proof.start(tell) });
    await user.click(await action(s.passkeys.prove, 'Blue key'));
    await user.keyboard(PIN + '{Enter}');
    await user.click(button(s.action.stop));
    expect(proof.stop).toHaveBeenCalledOnce();
    proof.fail({ ...failure, code: 'cancelled' });
    expect(await screen.findByText(s.error.stopped)).toBeTruthy();
  });

  it('keeps nothing of a PIN that was typed and not used', async () => {
    const { user } = recovery();
    const prove = await action(s.passkeys.prove, 'Blue key');
    await user.click(prove);
    await user.keyboard(PIN);
    await user.click(button(s.action.cancel));
    await vi.waitFor(() => expect(document.activeElement).toBe(prove));
    await user.click(prove);
    expect(pin().value).toBe('');
  });
});
