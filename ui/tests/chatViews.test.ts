import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { ConversationView, MediaPlace } from '../src/backend/backend';
import ChatMedia from '../src/features/chats/ChatMedia.svelte';
import ExportChat from '../src/features/chats/ExportChat.svelte';
import { s } from '../src/strings';
import { done, fakeBackend, steered, within } from './fakeBackend';

const chat: ConversationView = {
  id: 4, source: 'whatsapp', title: 'Rowing: club', group: true, participants: ['Ada', 'Ben'], messages: 9, owner: null,
  attachments: 2, unclaimed_files: 0, last_at: Date.UTC(2024, 2, 9), last_zone: 'local', last_text: 'See you there', pinned: false, archived: false,
};

describe('the export of a chat', () => {
  it('asks where, writes the days that were chosen, and says what it wrote', async () => {
    const backend = fakeBackend({ pickNew: async () => '/there/Rowing.pdf', exportChat: () => done(7) });
    render(ExportChat, { props: { conversation: chat }, ...within(backend) });
    await userEvent.click(screen.getByLabelText(new RegExp(`^${s.chats.forms.pdf[0]}`)));
    const until = screen.getByLabelText<HTMLInputElement>(s.chats.exportUntil);
    until.value = '2024-03-09';
    until.dispatchEvent(new Event('input', { bubbles: true }));
    await userEvent.click(screen.getByRole('button', { name: s.chats.exportChoose }));
    expect(backend.pickNew).toHaveBeenCalledWith(s.chats.exportTo, 'Rowing_ club.pdf');
    const day = Date.UTC(2024, 2, 10);
    expect(backend.exportChat).toHaveBeenCalledWith(4, 'pdf', null, day, '/there/Rowing.pdf', expect.any(Function));
    expect(await screen.findByText(s.chats.exported(7, '/there/Rowing.pdf'))).toBeTruthy();
  });

  it('shows where it is and can be stopped', async () => {
    const work = steered<number>();
    const backend = fakeBackend({ pickNew: async () => '/there', exportChat: (...all) => work.start(all[5]) });
    render(ExportChat, { props: { conversation: chat }, ...within(backend) });
    await userEvent.click(screen.getByRole('button', { name: s.chats.exportChoose }));
    work.tell({ what: 'Laying out pages', done: 3, total: null, unit: 'messages' });
    expect(await screen.findByText('Laying out pages')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.action.stop }));
    expect(work.stop).toHaveBeenCalled();
  });

  it('does nothing when no place was chosen', async () => {
    const backend = fakeBackend({ pickNew: async () => null });
    render(ExportChat, { props: { conversation: chat }, ...within(backend) });
    await userEvent.click(screen.getByRole('button', { name: s.chats.exportChoose }));
    await waitFor(() => expect(backend.pickNew).toHaveBeenCalled());
    expect(screen.queryByRole('status')).toBeNull();
  });
});

describe('the media of a chat', () => {
  const file = (position: number): MediaPlace => ({
    position, message: position + 1, ordinal: 0, at: Date.UTC(2024, 2, 9), zone: 'local',
    attachment: { name: `boat-${position}.pdf`, mime: 'application/pdf', size: 9, hash: 'ab', missing: null },
  });

  it('shows the newest month, more of it, and the message of a file', async () => {
    const backend = fakeBackend({
      mediaMonths: async () => [{ month: '2024-03', files: 61 }, { month: '2023-12', files: 1 }],
      mediaOfMonth: async (_chat, month, from, count) => (month === '2023-12' ? [file(2)] : Array.from({ length: Math.min(count, 61 - from) }, (_, at) => file(100 + from + at))),
    });
    const opened: number[] = [];
    render(ChatMedia, { props: { conversation: chat, onopen: (position: number) => opened.push(position), onview: () => undefined }, ...within(backend) });
    expect(await screen.findByText('boat-100.pdf')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.chats.moreFiles(1) }));
    expect(await screen.findByText('boat-160.pdf')).toBeTruthy();
    await userEvent.selectOptions(screen.getByLabelText(s.chats.month), '2023-12');
    expect(await screen.findByText('boat-2.pdf')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.chats.toMessage(new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 2, 9))) }));
    expect(opened).toEqual([2]);
  });
});
