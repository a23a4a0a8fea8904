import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { FleetReport, PasskeyAdded } from '../src/backend/backend';
import Protect from '../src/features/protect/Protect.svelte';
import { s } from '../src/strings';
import { done, failed, failure, fakeBackend, FINGERPRINT, RIGHT_CODE, steered, within } from './fakeBackend';
import { added, blueKey, button, fields, here, overview, PIN, pin, stick } from './passkeyFakes';

const fleet = { trusted: true, verdict: 'Every check passed.', mock: false } as FleetReport;
const newCode = { code: RIGHT_CODE, fleet_url: 'f', fingerprint: FINGERPRINT, account: 'a', version: 1, mock: true, sites_registered: 5, replaced: null, warnings: [] };
const ADDRESS = 'http://fleet#sha256=00';

function shown(answers: Parameters<typeof fakeBackend>[0], passkeys = 0) {
  const empty = async () => overview({ passkeys: [], has_code: false, can_reveal_code: false });
  const backend = fakeBackend({ verifyFleet: async () => fleet, passkeys: empty, ...answers });
  const [ondone, onmade] = [vi.fn(), vi.fn()];
  render(Protect, { props: { suggestedFleet: ADDRESS, passkeys, first: passkeys > 0 ? undefined : 'key', onmade, ondone, onlater: () => undefined }, ...within(backend) });
  return { backend, ondone, onmade, user: userEvent.setup() };
}

const passkeyOnly = () => screen.findByRole('button', { name: s.protect.goOn });

describe('making a passkey the way back', () => {
  it('says the limits before a place is chosen, and asks nothing of a fleet that was not checked', async () => {
    const { user } = shown({});
    await user.click(await passkeyOnly());
    expect(await screen.findByText(stick.limit)).toBeTruthy();
    expect(screen.queryByText(here.limit)).toBeNull();
    expect(screen.getByText(s.protect.passkeyLoss)).toBeTruthy();
    expect(screen.queryByRole('button', { name: s.passkeys.make })).toBeNull();
  });

  it('makes it, says what it will take one day, and goes on without a code if so wished', async () => {
    const making = steered<PasskeyAdded>();
    const { user, backend, onmade, ondone } = shown({ addPasskey: (_f, _p, _n, _pin, tell) => making.start(tell) });
    await user.click(await passkeyOnly());
    await user.click(await screen.findByLabelText(/Security key/));
    await user.type(pin(), PIN + '{Enter}');
    expect(backend.addPasskey).toHaveBeenCalledWith(ADDRESS, 'security_key', s.passkeys.names.security_key, PIN, expect.anything());
    expect(fields()).not.toContain(PIN);
    expect(onmade).not.toHaveBeenCalled();
    making.finish(added({ mock: true, warnings: ['An old passkey is still on the key.'] }));
    expect(await screen.findByText(blueKey.what_if)).toBeTruthy();
    expect(screen.getByText(s.mock.word)).toBeTruthy();
    expect(screen.getByText('An old passkey is still on the key.')).toBeTruthy();
    expect(screen.getByText(s.protect.codeToo)).toBeTruthy();
    expect(onmade).toHaveBeenCalledOnce();
    await user.click(button(s.protect.withoutCode));
    expect(ondone).toHaveBeenCalledOnce();
  });

  it('adds a recovery code at the same fleet when invited to', async () => {
    const { user, backend } = shown({ addPasskey: () => done(added({ fleet_url: 'http://same' })), enroll: () => done({ ...newCode }) });
    await user.click(await passkeyOnly());
    await user.click(await screen.findByLabelText(/Security key/));
    await user.type(pin(), PIN + '{Enter}');
    await user.click(await screen.findByRole('button', { name: s.recovery.addCode }));
    await user.click(await screen.findByRole('button', { name: s.protect.make }));
    expect(backend.verifyFleet).toHaveBeenLastCalledWith('http://same');
    expect(backend.enroll).toHaveBeenCalledWith('http://same', null, expect.anything());
    expect(await screen.findAllByTestId('code-group')).toHaveLength(4);
  });

  it('says why a passkey was refused, and makes nothing', async () => {
    const { user, onmade } = shown({ addPasskey: () => failed({ ...failure, code: 'no_keyring', happened: 'There is no keyring.' }) });
    await user.click(await passkeyOnly());
    await user.click(await screen.findByLabelText(/Security key/));
    await user.type(pin(), PIN + '{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('There is no keyring.');
    expect(onmade).not.toHaveBeenCalled();
    expect(pin().value).toBe('');
  });

  it('says why it does not know what can hold a passkey, and looks again', async () => {
    let broken = true;
    const passkeys = async () => {
      if (broken) throw failure;
      return overview();
    };
    const { user } = shown({ passkeys });
    await user.click(await passkeyOnly());
    expect((await screen.findByRole('alert')).textContent).toContain(s.nextSteps[failure.next]);
    broken = false;
    await user.click(button(s.action.again));
    expect(await screen.findByText(stick.limit)).toBeTruthy();
  });
});

describe('adding a code beside passkeys', () => {
  it('registers it at the fleet that is known', async () => {
    const { user, backend } = shown({ enroll: () => done({ ...newCode }) }, 1);
    await user.click(await passkeyOnly());
    await user.click(await screen.findByRole('button', { name: s.protect.make }));
    expect(backend.enroll).toHaveBeenCalledWith(ADDRESS, null, expect.anything());
  });

  it('offers no passkey again, and says that the fleet has to be the same', async () => {
    const { user } = shown({}, 2);
    expect(screen.queryByLabelText(new RegExp(s.protect.key))).toBeNull();
    await user.click(await passkeyOnly());
    expect(await screen.findByLabelText(new RegExp(s.protect.own))).toBeTruthy();
    expect(screen.getByText(s.protect.sameFleet)).toBeTruthy();
  });
});
