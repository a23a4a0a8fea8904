import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { BackupReport } from '../src/backend/backend';
import BackUpNow from '../src/features/backup/BackUpNow.svelte';
import History from '../src/features/recovery/History.svelte';
import Settings from '../src/features/settings/Settings.svelte';
import { list } from '../src/design/format';
import { s } from '../src/strings';
import { done, fakeBackend, within } from './fakeBackend';
import { status } from './passkeyFakes';

describe('what happened at the vault', () => {
  it('marks what has to be one’s own, a refused passkey too, and not by colour alone', () => {
    const at = 1_740_000_000;
    const kinds = ['registered', 'tried', 'passkey_added', 'passkey_used', 'passkey_refused', 'passkey_removed'] as const;
    render(History, { props: { events: kinds.map((kind, i) => ({ at: at + i, kind, text: `It was ${kind}.`, own: false, told_by: 5, sites: 5 })), error: null } });
    const said = screen.getAllByRole('listitem').map((item) => item.textContent ?? '');
    const marked = said.filter((words) => words.includes(s.recovery.attention));
    expect(marked).toHaveLength(2);
    expect(marked[0]).toContain('It was passkey_refused.');
    expect(marked[1]).toContain('It was tried.');
  });

  it('raises no alarm about this computer’s own try, and puts it after the registration', () => {
    const at = 1_740_000_000;
    const line = (kind: 'registered' | 'tried') => ({ at, kind, text: `It was ${kind}.`, own: kind === 'tried', told_by: 5, sites: 5 });
    render(History, { props: { events: [line('registered'), line('tried')], error: null } });
    const said = screen.getAllByRole('listitem').map((item) => item.textContent ?? '');
    expect(said.some((words) => words.includes(s.recovery.attention))).toBe(false);
    expect(said[0]).toContain('It was tried.');
  });
});

describe('ways back', () => {
  it('are named after a backup', async () => {
    const report = { unchanged: true, missing_media: 0, ways_back: ['passkey', 'recovery_code'] } as BackupReport;
    render(BackUpNow, { props: { place: '/backup' }, ...within(fakeBackend({ backUp: () => done(report) })) });
    await userEvent.click(screen.getByRole('button', { name: s.backup.now }));
    expect(await screen.findByText(s.waysBack.title(list(['a passkey', 'the recovery code'])))).toBeTruthy();
  });

  it.each([
    [{ passkeys: 1 }, list([s.waysBack.code, '1 passkey'])],
    [{ passkeys: 2, vault: null }, '2 passkeys'],
    [{ passkeys: 0, vault: null }, s.settings.noWays],
  ])('are named in the settings', (change, words) => {
    const about = { version: '0.1.0', home: '/home/ada/keepsake', device_key_warning: null, fleet_url: null, by_link: false };
    render(Settings, { props: { about, status: { ...status, ...change }, onchanged: () => undefined }, ...within(fakeBackend()) });
    expect(screen.getByText(words)).toBeTruthy();
  });
});
