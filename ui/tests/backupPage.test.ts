import { render, screen, within as inside } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { BackedUpChat, BackupReport, PlaceNow, PruneReport, RestoreReport, SnapshotView, Status } from '../src/backend/backend';
import Backup from '../src/features/backup/Backup.svelte';
import { moment } from '../src/design/format';
import { s } from '../src/strings';
import { done, failure, fakeBackend, steered, within } from './fakeBackend';
import { status as known } from './passkeyFakes';

const URL = '/media/ada/Backup/Keepsake';
const AT = 1_795_464_000;

const ready: PlaceNow = {
  url: URL,
  kind: 'folder',
  disk: 'Backup',
  state: 'ready',
  problem: null,
  free: 212_000_000_000,
  same_disk: false,
  last_backup: AT,
  answered: AT,
  waiting: { any: false, messages: 0, more: false },
  ways_back: ['recovery_code', 'this_computer'],
  next: { when_new: { due: AT + 86_400 } },
  checked: null,
  damage: 0,
  notices: [],
};
const status: Status = { ...known, messages: 1362, backups: [{ url: URL, last_backup: AT, pending_changes: 0 }] };
const snapshot: SnapshotView = { id: 'ab', sequence: 2, at: AT, computer: 'laptop', records: 1365, media: 4, missing_media: 0, bytes: 1_300_000 };
const earlier: SnapshotView = { ...snapshot, id: 'cd', sequence: 1, at: AT - 86_400 };
const chats: BackedUpChat[] = [
  { id: 'c1', title: 'Mira', source: 'whatsapp', records: 1000, bytes: 900_000 },
  { id: 'c2', title: null, source: null, records: 365, bytes: 400_000 },
];
const restored: RestoreReport = { snapshot: 'ab', conversations: 1, messages: 12, media: 0, kept: 3, missing_media: 0, seconds: 1, problems: [] };

type Answers = Parameters<typeof fakeBackend>[0];

function page(now: Partial<PlaceNow>, answers: Answers = {}, change: Partial<Status> = {}) {
  const backend = fakeBackend({ placeNow: async () => ({ ...ready, ...now }), snapshots: async () => [earlier, snapshot], ...answers });
  const heard = { onchanged: vi.fn(), onsettings: vi.fn() };
  render(Backup, { props: { status: { ...status, ...change }, ...heard }, ...within(backend) });
  return { backend, user: userEvent.setup(), ...heard };
}

const button = (name: string) => screen.getByRole('button', { name });

describe('the backup page says what is true now', () => {
  it('that all is backed up, where, what opens it and when the next one is made', async () => {
    const { user, onsettings } = page({});
    expect((await screen.findByRole('heading', { name: /All 1,362 messages are backed up/ })).className).toContain('good');
    expect(screen.getByText(/Disk “Backup”/)).toBeTruthy();
    expect(screen.getByText('(connected, 212 GB free)')).toBeTruthy();
    expect(screen.getByText('the recovery code and this computer')).toBeTruthy();
    expect(screen.getByText(new RegExp(s.backup.next.whenNew))).toBeTruthy();
    await user.click(button(s.backup.change));
    expect(onsettings).toHaveBeenCalledOnce();
  });

  it('that something waits', async () => {
    page({ waiting: { any: true, messages: 24, more: false }, next: { at: { due: AT } } });
    expect(await screen.findByRole('heading', { name: /24 new messages wait/ })).toBeTruthy();
    expect(screen.queryByText(/are backed up/)).toBeNull();
    expect(screen.getByText(s.backup.rest)).toBeTruthy();
  });

  it('that the disk is away, what waits for it, and that it goes on by itself', async () => {
    const { user, backend } = page({ state: 'away', free: null, ways_back: [], waiting: { any: true, messages: 24, more: false }, next: 'waits_for_place' });
    expect(await screen.findByRole('heading', { name: /Waiting for the disk “Backup”/ })).toBeTruthy();
    const words = screen.getAllByRole('status')[0]?.textContent ?? '';
    expect(words).toContain(moment(AT));
    expect(words).toContain('24 new messages wait.');
    expect(words).toContain(s.backup.goesOn);
    expect(screen.queryByText(s.backup.now)).toBeNull();
    expect(screen.queryByText(s.backup.history)).toBeNull();
    await user.click(button(s.action.again));
    expect(vi.mocked(backend.placeNow).mock.calls.length).toBeGreaterThan(1);
  });

  it('does not promise to go on by itself where that is off', async () => {
    page({ state: 'away', next: 'off' });
    await screen.findByRole('heading', { name: /Waiting for the disk/ });
    expect(screen.queryByText(new RegExp(s.backup.goesOn))).toBeNull();
  });

  it('that nothing can be written there', async () => {
    page({ state: 'read_only', waiting: { any: true, messages: 1, more: false } });
    expect((await screen.findByRole('heading', { name: /1 new message waits/ })).className).toContain('bad');
    expect(screen.getByText(s.backup.readOnly)).toBeTruthy();
    expect(screen.queryByText(s.backup.now)).toBeNull();
    expect(screen.queryByText(s.backup.prune)).toBeNull();
  });

  it('that the backup is gone, and begins a new one only after asking', async () => {
    const startAnew = vi.fn(async () => null);
    const { user } = page({ state: 'gone', ways_back: [] }, { startAnew });
    expect((await screen.findByRole('heading', { name: new RegExp(s.backup.gone) })).className).toContain('bad');
    await user.click(button(s.backup.startHere));
    expect(startAnew).not.toHaveBeenCalled();
    expect(screen.getByText(s.backup.startHereText)).toBeTruthy();
    await user.click(button(s.backup.startHereYes));
    expect(startAnew).toHaveBeenCalledWith(URL);
  });

  it('why a backup could not be opened, with buttons and no command', async () => {
    page({ state: 'failed', problem: { ...failure, code: 'rolled_back', happened: 'An older state is there.' } });
    expect(await screen.findByText('An older state is there.')).toBeTruthy();
    expect(button(s.action.again)).toBeTruthy();
    expect(button(s.backup.otherPlace)).toBeTruthy();
    expect(document.body.textContent).not.toContain('keepsake backup');
  });

  it('lets the person go on from an older copy that they put there', async () => {
    const acceptOlder = vi.fn(async () => snapshot);
    const { user } = page({ state: 'failed', problem: { ...failure, code: 'rolled_back' } }, { acceptOlder });
    await user.click(await screen.findByRole('button', { name: s.backup.goOnOlder }));
    expect(acceptOlder).toHaveBeenCalledWith(URL);
  });

  it('offers the repair of a backup that is too damaged to be opened', async () => {
    page({ state: 'failed', problem: { ...failure, code: 'damaged' } });
    expect(await screen.findByRole('button', { name: s.backup.repairNow })).toBeTruthy();
  });

  it('that the place is on the same disk, and what another computer did', async () => {
    page({ same_disk: true, notices: ['The key of this backup was changed on laptop.'] });
    expect(await screen.findByText(s.backup.sameDisk)).toBeTruthy();
    expect(screen.getByText(/was changed on laptop/)).toBeTruthy();
  });

  it('gives a lost disk up only after asking, and asks for another place', async () => {
    const forgetPlace = vi.fn(async () => null);
    const { user } = page({ state: 'away' }, { forgetPlace });
    await user.click(await screen.findByRole('button', { name: s.backup.lostDisk }));
    expect(forgetPlace).not.toHaveBeenCalled();
    await user.click(button(s.backup.lostDiskYes));
    expect(forgetPlace).toHaveBeenCalledWith(URL);
    expect(await screen.findByLabelText(s.place.label)).toBeTruthy();
  });
});

describe('other places', () => {
  const second = { url: 'https://cloud.example/dav', last_backup: AT, pending_changes: 0 };

  it('have their state, and can be removed', async () => {
    const placeNow = async (url: string): Promise<PlaceNow> => (url === URL ? ready : { ...ready, url, disk: null, kind: 'webdav', state: 'away' });
    const forgetPlace = vi.fn(async () => null);
    const { user } = page({}, { placeNow, forgetPlace }, { backups: [...status.backups, second] });
    const item = (await screen.findByText(second.url)).closest('li')!;
    expect(await inside(item).findByText(new RegExp(s.backup.states.away))).toBeTruthy();
    await user.click(inside(item).getByRole('button', { name: s.backup.remove }));
    await user.click(inside(item).getByRole('button', { name: s.backup.removeYes }));
    expect(forgetPlace).toHaveBeenCalledWith(second.url);
  });
});

describe('an earlier version', () => {
  async function opened(answers: Answers = {}) {
    const restorePart = vi.fn(() => done(restored));
    const all = page({}, { browseBackup: async () => chats, restorePart, ...answers });
    await all.user.click((await screen.findAllByRole('button', { name: s.backup.lookInside }))[0]!);
    await screen.findByText('Mira');
    return { ...all, restorePart };
  }

  it('shows its chats, and brings one of them back', async () => {
    const { user, restorePart, onchanged } = await opened();
    expect(screen.getByText(s.backup.noTitle)).toBeTruthy();
    await user.click(screen.getByRole('checkbox', { name: /Mira/ }));
    await user.click(button(s.backup.restoreChosen(1)));
    const part = { snapshot: 'ab', chats: ['c1'], from: null, until: null, parts: 'both' };
    expect(restorePart).toHaveBeenCalledWith(URL, part, expect.anything());
    expect(await screen.findByText(new RegExp('12 messages brought back. 3 messages were here already'))).toBeTruthy();
    expect(onchanged).toHaveBeenCalled();
  });

  it('brings all back, or media alone, which are of no chat', async () => {
    const { user, restorePart } = await opened();
    await user.click(screen.getByRole('checkbox', { name: /Mira/ }));
    await user.click(screen.getByText(s.backup.partOnly));
    await user.selectOptions(screen.getByLabelText(s.backup.what), s.backup.parts.media);
    await user.click(button(s.backup.restoreAll));
    expect(restorePart).toHaveBeenCalledWith(URL, { snapshot: 'ab', chats: [], from: null, until: null, parts: 'media' }, expect.anything());
  });

  it('is compared with one before it', async () => {
    const diffBackup = vi.fn(async () => ({ from: 1, to: 2, chats: [{ ...chats[0]!, records: 7 }], media_added: 0, media_bytes_added: 0 }));
    const { user } = await opened({ diffBackup });
    await user.click(screen.getByText(s.backup.compare));
    await user.click(button(s.backup.compareNow));
    expect(diffBackup).toHaveBeenCalledWith(URL, '1', '2');
    expect(await screen.findByText('Mira: about 7 new messages')).toBeTruthy();
  });
});

describe('looking after a backup', () => {
  it('says when it was checked last, and offers the repair of what is damaged', async () => {
    page({ checked: { at: AT, all_data: true, problems: 2 } });
    expect(await screen.findByText(new RegExp(`every byte: 2 problems`))).toBeTruthy();
    expect(screen.getByText(s.backup.repairWanted)).toBeTruthy();
  });

  it('deletes old versions only after showing what would go', async () => {
    const report = (dry_run: boolean): PruneReport => ({ dry_run, kept: [{ sequence: 2, because: ['newest'] }], removed: [1], snapshots_removed: 1, bytes_freed: 2_000_000, packs_waiting: 0 });
    const work = steered<PruneReport>();
    const pruneBackup = vi.fn((_place, _keep, dry: boolean) => (dry ? done(report(true)) : work.start(() => undefined)));
    const { user } = page({}, { pruneBackup });
    await user.click(await screen.findByText(s.backup.prune));
    await user.selectOptions(screen.getByLabelText(s.backup.keepWhich), s.backup.policies.newest);
    await user.click(button(s.backup.pruneLook));
    expect(await screen.findByText(s.backup.prunePlan(1, 1, 2_000_000))).toBeTruthy();
    expect(pruneBackup).toHaveBeenCalledTimes(1);
    await user.click(button(s.backup.pruneYes(1)));
    expect(pruneBackup).toHaveBeenLastCalledWith(URL, { last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0 }, false, expect.anything());
    work.finish(report(false));
    expect(await screen.findByText(s.backup.pruned(1, 2_000_000))).toBeTruthy();
  });

  it('shows the room by chat, the largest first, and takes one out only after asking', async () => {
    const stats = { snapshots: 2, oldest: AT, newest: AT, chats: 2, records: 1365, record_bytes: 1, media: 4, media_bytes: 4, missing_media: 0, stored_bytes: 1_000_000 };
    const forgetChats = vi.fn(() => done({ url: URL, snapshot: 3, records: 1000, media: 0, earlier_snapshots: 2 }));
    const { user } = page({}, { browseBackup: async () => chats, backupStats: async () => stats, forgetChats });
    await user.click(await screen.findByText(s.backup.space));
    await user.click((await screen.findAllByRole('button', { name: s.backup.takeOut }))[0]!);
    expect(forgetChats).not.toHaveBeenCalled();
    await user.click(button(s.backup.takeOutYes));
    expect(forgetChats).toHaveBeenCalledWith(URL, ['c1'], expect.anything());
    expect(await screen.findByText(s.backup.takenOut(2))).toBeTruthy();
  });

  it('looks at the place again after a backup', async () => {
    const report = { unchanged: false, new_messages: 2, new_media: 0, bytes_written: 9, missing_media: 0, ways_back: [] } as unknown as BackupReport;
    const { user, backend, onchanged } = page({}, { backUp: () => done(report) });
    await user.click(await screen.findByRole('button', { name: s.backup.now }));
    await vi.waitFor(() => expect(onchanged).toHaveBeenCalled());
    expect(vi.mocked(backend.placeNow).mock.calls.length).toBeGreaterThan(1);
  });
});
