import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { ImportReport } from '../src/backend/backend';
import AddChats from '../src/features/add-chats/AddChats.svelte';
import { s } from '../src/strings';
import { done, failure, fakeBackend, steered, within } from './fakeBackend';

const report: ImportReport = {
  kind: 'whatsapp',
  conversations: 1,
  messages: 12,
  updated: 0,
  system_lines: 1,
  attachments: 2,
  missing: [{ conversation: 'Ada', name: 'beach.jpg', reason: 'not in the export' }],
  duplicates_skipped: 3,
  attachments_appeared: 0,
  unclaimed_files: 1,
  files_in_export: 4,
  files_beside: 0,
  not_understood: [{ kind: 'line before the first message', count: 1 }],
  refused: [{ name: 'broken.zip', reason: 'its end is missing' }],
  owner_unknown: [{ conversation: 7, title: 'Ada', people: ['Ada', 'Ben'] }],
};
const detected = { kind: 'whatsapp', reason: 'a _chat.txt', conversations: ['Ada'], needs_date_order: false, refused: [] };

describe('adding chats', () => {
  it('looks first, then adds, and lists what is missing', async () => {
    const backend = fakeBackend({ detect: async () => detected, importChats: () => done(report) });
    render(AddChats, within(backend));
    await userEvent.type(screen.getByLabelText(s.add.path), '/exports/chat.zip{Enter}');
    expect(await screen.findByText(s.add.recognised('WhatsApp'))).toBeTruthy();
    await userEvent.click(screen.getByLabelText(s.add.dateOrders.mdy));
    await userEvent.click(screen.getByRole('button', { name: s.add.import }));
    expect(backend.importChats).toHaveBeenCalledWith('/exports/chat.zip', 'mdy', null, null, expect.anything());
    expect(await screen.findByText(s.add.done(12))).toBeTruthy();
    expect(screen.getByText(/beach\.jpg/)).toBeTruthy();
    expect(screen.getByText(new RegExp(s.add.duplicates(3)))).toBeTruthy();
  });

  it('says what an import left over, and asks once who the owner is', async () => {
    const backend = fakeBackend({ detect: async () => detected, importChats: () => done(report), setOwner: async () => null });
    render(AddChats, within(backend));
    await userEvent.type(screen.getByLabelText(s.add.path), '/exports/chat.zip{Enter}');
    await userEvent.click(await screen.findByRole('button', { name: s.add.import }));
    expect(await screen.findByText(new RegExp(s.add.unclaimed(1)))).toBeTruthy();
    expect(screen.getByText(s.add.notUnderstood(1))).toBeTruthy();
    expect(screen.getByText(/broken\.zip/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Ben' }));
    expect(backend.setOwner).toHaveBeenCalledWith(7, 'Ben', true);
    await waitFor(() => expect(screen.queryByText(new RegExp(s.add.whoAreYou.replace('?', '\\?')))).toBeNull());
  });

  it('does not add an export whose dates can be read in two ways before the order is known', async () => {
    const backend = fakeBackend({ detect: async () => ({ ...detected, needs_date_order: true }) });
    render(AddChats, within(backend));
    await userEvent.type(screen.getByLabelText(s.add.path), '/exports/chat.zip{Enter}');
    const add = await screen.findByRole<HTMLButtonElement>('button', { name: s.add.import });
    expect(add.disabled).toBe(true);
    await userEvent.click(screen.getByLabelText(s.add.dateOrders.dmy));
    expect(add.disabled).toBe(false);
  });

  it('asks for the key of an encrypted export, and uses it for that one alone', async () => {
    const sealed = { code: 'export_key_needed', happened: 'msgstore.db.crypt15 is encrypted, and needs its key.', safe: '', next: 'give_export_key', tries_left: null } as const;
    const backend = fakeBackend({
      detect: async (_path, key) => {
        if (key === null) throw sealed;
        return detected;
      },
      importChats: () => done(report),
    });
    render(AddChats, within(backend));
    await userEvent.type(screen.getByLabelText(s.add.path), '/phone/msgstore.db.crypt15{Enter}');
    await userEvent.type(await screen.findByLabelText(s.add.key), '0123{Enter}');
    await userEvent.click(await screen.findByRole('button', { name: s.add.import }));
    expect(backend.importChats).toHaveBeenCalledWith('/phone/msgstore.db.crypt15', null, '0123', null, expect.anything());
    await screen.findByText(s.add.done(12));
    await userEvent.type(screen.getByLabelText(s.add.path), '/exports/other.zip{Enter}');
    expect(backend.detect).toHaveBeenLastCalledWith('/exports/other.zip', null, null);
  });

  it('takes the key file of a phone in place of the key', async () => {
    const sealed = { code: 'export_key_needed', happened: 'msgstore.db.crypt15 is encrypted, and needs its key.', safe: '', next: '', command: null, tries_left: null };
    const backend = fakeBackend({
      detect: async (_path, _key, keyFile) => {
        if (keyFile === null) throw sealed;
        return detected;
      },
      pickFile: async () => '/phone/key',
      importChats: () => done(report),
    });
    render(AddChats, within(backend));
    await userEvent.type(screen.getByLabelText(s.add.path), '/phone/msgstore.db.crypt15{Enter}');
    await userEvent.click(await screen.findByRole('button', { name: s.add.keyFile }));
    await userEvent.click(await screen.findByRole('button', { name: s.add.import }));
    expect(backend.importChats).toHaveBeenCalledWith('/phone/msgstore.db.crypt15', null, null, '/phone/key', expect.anything());
  });

  it('offers the places of installed messengers, and reads one only when asked', async () => {
    const signal = { messenger: 'signal' as const, name: 'Signal Desktop', path: '/home/you/.config/Signal' };
    const backend = fakeBackend({ lookAround: async () => [signal], detect: async () => detected });
    render(AddChats, within(backend));
    const place = (await screen.findByText('Signal Desktop')).closest('li');
    expect(backend.detect).not.toHaveBeenCalled();
    await userEvent.click(place?.querySelector('button') as HTMLButtonElement);
    expect(backend.detect).toHaveBeenCalledWith('/home/you/.config/Signal', null, null);
  });

  it('goes through what was dropped one by one, and lists what was added', async () => {
    let drop: (paths: string[]) => void = () => undefined;
    const backend = fakeBackend({
      detect: async (path) => {
        if (path.endsWith('photo.jpg')) throw failure;
        return detected;
      },
      importChats: () => done(report),
      onDrop: (dropped) => {
        drop = dropped;
        return () => undefined;
      },
    });
    const { unmount } = render(AddChats, within(backend));
    drop(['/exports/one.zip', '/exports/photo.jpg', '/exports/two.zip']);
    expect(await screen.findByText(s.add.alsoDropped(2))).toBeTruthy();
    await userEvent.click(await screen.findByRole('button', { name: s.add.import }));
    await userEvent.click(await screen.findByRole('button', { name: s.add.skip('photo.jpg') }));
    await userEvent.click(await screen.findByRole('button', { name: s.add.import }));
    await waitFor(() => expect(screen.getByLabelText(s.add.added).textContent).toContain('one.zip'));
    expect(screen.getByLabelText(s.add.added).textContent).toContain('two.zip');
    // It is still there after another screen was looked at.
    unmount();
    render(AddChats, within(backend));
    expect(screen.getByLabelText(s.add.added).textContent).toContain('one.zip');
  });

  it('shows work that goes on when the person comes back to it', async () => {
    const work = steered<ImportReport>();
    const backend = fakeBackend({ detect: async () => detected, importChats: (...all) => work.start(all[4]) });
    const { unmount } = render(AddChats, within(backend));
    await userEvent.type(screen.getByLabelText(s.add.path), '/exports/chat.zip{Enter}');
    await userEvent.click(await screen.findByRole('button', { name: s.add.import }));
    unmount();
    render(AddChats, within(backend));
    work.tell({ what: 'Reading Ada', done: 1, total: 2, unit: 'bytes' });
    expect(await screen.findByText('Reading Ada')).toBeTruthy();
    expect(screen.queryByText(s.add.drop)).toBeNull();
  });

  it('tells for each messenger that can be imported how its chats are got out', async () => {
    render(AddChats, within(fakeBackend()));
    for (const one of s.add.messengers) {
      const tile = screen.getByRole('button', { name: `${one.name} ${one.where}` });
      await userEvent.click(tile);
      expect(screen.getByText(one.steps[0]!)).toBeTruthy();
      expect(tile.getAttribute('aria-expanded')).toBe('true');
    }
  });

  it('takes a file that is dropped on the window', async () => {
    let drop: (paths: string[]) => void = () => undefined;
    const backend = fakeBackend({
      detect: async () => detected,
      onDrop: (dropped) => {
        drop = dropped;
        return () => undefined;
      },
    });
    render(AddChats, within(backend));
    drop(['/exports/dropped.zip']);
    expect(await screen.findByText(s.add.recognised('WhatsApp'))).toBeTruthy();
    expect(backend.detect).toHaveBeenCalledWith('/exports/dropped.zip', null, null);
  });
});
