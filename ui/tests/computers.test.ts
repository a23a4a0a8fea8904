import { screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Backend, ComputerView, KeyChangePlan, KeyChangeReport } from '../src/backend/backend';
import { s } from '../src/strings';
import { done, everywhere, failed, failure, FINGERPRINT, RIGHT_CODE } from './fakeBackend';
import { recovery } from './passkeyFakes';

const desk: ComputerView = { id: '11'.repeat(16), name: 'Desk', joined: 1_730_000_000, this_computer: true };
const laptop: ComputerView = { ...desk, id: '22'.repeat(16), name: 'Old laptop', this_computer: false };
const tablet: ComputerView = { ...desk, id: '33'.repeat(16), name: 'Tablet', this_computer: false };

const plan = (change: Partial<KeyChangePlan> = {}): KeyChangePlan => ({
  code: RIGHT_CODE,
  fleet_url: 'http://fleet#sha256=00',
  fingerprint: FINGERPRINT,
  mock: false,
  offline_key: null,
  stay: [tablet],
  leave: [laptop],
  backups: ['/disk'],
  passkeys: ['Blue key'],
  begun_before: false,
  warnings: [],
  ...change,
});
const report: KeyChangeReport = { changed: ['/disk'], waiting: [], stay: ['Tablet'], left: ['Old laptop'], passkeys: ['Blue key'], old_account: everywhere, mock: false, refused: [], warnings: [] };

const page = (answers: Partial<Backend>) =>
  recovery({}, { computers: async () => ({ computers: [desk, laptop, tablet], not_seen: [] }), ...answers });
const press = (name: string) => screen.findByRole('button', { name });

describe('removing a computer', () => {
  it('changes nothing before the new code is on paper', async () => {
    const shown = plan();
    const { user, backend } = page({ prepareKeyChange: () => done(shown), changeKey: () => done(report) });
    await user.click(await press(s.computers.removeOf('Old laptop')));
    expect(screen.getByText(new RegExp(s.computers.others))).toBeTruthy();
    await user.click(await press(s.computers.prepare));
    expect(backend.prepareKeyChange).toHaveBeenCalledWith(laptop.id, false, expect.anything());
    expect((await screen.findAllByTestId('code-group')).map((g) => g.textContent).join('-')).toBe(RIGHT_CODE);
    expect(screen.getByText(s.computers.leaves('Old laptop'))).toBeTruthy();
    expect(screen.getByText(s.computers.stays('Tablet'))).toBeTruthy();

    await user.click(await press(s.computers.written));
    expect(await screen.findByText(new RegExp(s.computers.changed))).toBeTruthy();
    expect(screen.getByText(/Add again afterwards: Blue key/)).toBeTruthy();
    expect(screen.queryAllByTestId('code-group')).toEqual([]);
    expect(shown.code).toBeNull();
  });

  it('can be given up while everything is as it was', async () => {
    const { user, backend } = page({ prepareKeyChange: () => done(plan()), giveUpKeyChange: async () => null });
    await user.click(await press(s.computers.removeOf('Tablet')));
    await user.click(await press(s.computers.prepare));
    await screen.findAllByTestId('code-group');
    await user.click(screen.getByRole('button', { name: s.action.cancel }));
    expect(backend.giveUpKeyChange).toHaveBeenCalled();
    expect(screen.queryAllByTestId('code-group')).toEqual([]);
  });

  it('says why it was not possible, and that nothing was changed', async () => {
    const { user } = page({ prepareKeyChange: () => failed(failure) });
    await user.click(await press(s.computers.removeOf('Tablet')));
    await user.click(await press(s.computers.prepare));
    expect(await screen.findByText(failure.happened)).toBeTruthy();
    expect(screen.getByText(failure.safe)).toBeTruthy();
  });

  it('offers no button for the computer that it runs on', async () => {
    page({});
    await press(s.computers.removeOf('Tablet'));
    expect(screen.queryByRole('button', { name: s.computers.removeOf('Desk') })).toBeNull();
  });
});

describe('changing the key', () => {
  it('says that no other computer gets it', async () => {
    const { user, backend } = page({ prepareKeyChange: () => done(plan({ stay: [], leave: [laptop, tablet] })) });
    await user.click(await press(s.computers.changeKey));
    expect(screen.getByText(new RegExp(s.computers.noOthers))).toBeTruthy();
    await user.click(await press(s.computers.prepare));
    expect(backend.prepareKeyChange).toHaveBeenCalledWith(null, false, expect.anything());
  });

  it('finishes one that was begun before', async () => {
    const { user, backend } = page({
      keyChangeGoingOn: async () => ({ since: 1, prepared_only: false, waiting: ['/drawer'] }),
      prepareKeyChange: () => done(plan({ begun_before: true })),
      changeKey: () => done({ ...report, waiting: ['/drawer'] }),
    });
    expect(await screen.findByText(s.computers.waiting('/drawer'))).toBeTruthy();
    expect(screen.queryByRole('button', { name: s.computers.changeKey })).toBeNull();
    await user.click(await press(s.computers.finish));
    await user.click(await press(s.computers.written));
    expect(backend.changeKey).toHaveBeenCalled();
  });

  it('shows an offline key where no code is wanted', async () => {
    const digits = '0123 4567';
    const { user } = page({ prepareKeyChange: () => done(plan({ code: null, fleet_url: null, fingerprint: null, offline_key: digits })) });
    await user.click(await press(s.computers.changeKey));
    await user.click(await press(s.computers.prepare));
    expect((await screen.findByTestId('offline-key')).textContent).toBe(digits);
  });
});
