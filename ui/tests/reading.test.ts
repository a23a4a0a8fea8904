import { render, screen, waitFor, within as inside } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { AttachmentView, Backend, ConversationView, FoundMessage, MediaPlace, MessageView } from '../src/backend/backend';
import Chats from '../src/features/chats/Chats.svelte';
import { Reading } from '../src/features/chats/reading.svelte';
import { cutOf } from '../src/features/chats/fold';
import { s } from '../src/strings';
import { failure, fakeBackend, message, within } from './fakeBackend';

const chat = (change: Partial<ConversationView> = {}): ConversationView => ({
  id: 4, source: 'whatsapp', title: 'Rowing club', group: true, participants: ['Ada', 'Ben'], messages: 3, owner: null,
  attachments: 0, unclaimed_files: 0, last_at: Date.UTC(2024, 2, 9), last_zone: 'local', last_text: 'See you there',
  pinned: false, archived: false, ...change,
});
const picture = (name: string): AttachmentView => ({ name, mime: 'image/jpeg', size: 9, hash: 'ab'.repeat(32), missing: null });
const place = (position: number, name: string): MediaPlace => ({ message: position + 1, position, ordinal: 0, at: Date.UTC(2024, 2, 9), zone: 'local', attachment: picture(name) });
const hit = (position: number, conversation = 4): FoundMessage => ({ conversation, conversation_title: 'Rowing club', message: message(position), snippet: [{ text: `hit ${position}`, hit: true }] });

function opened(messages: MessageView[], more: Partial<Backend> = {}) {
  const backend = fakeBackend({ conversations: async () => [chat({ messages: messages.length })], messages: async (_id, from, count) => messages.slice(from, from + count), ...more });
  const shown = render(Chats, { props: { onadd: () => undefined }, ...within(backend) });
  return { backend, user: userEvent.setup(), ...shown };
}
const open = async () => userEvent.click(await screen.findByRole('button', { name: /Rowing club/ }));

describe('coming back to the chats', () => {
  it('finds the open chat and the search as they were left', async () => {
    const find = async () => ({ hits: [], more: false, total: 0, counted_to: 9 });
    const { backend, unmount } = opened([message(0), message(1)], { find });
    await open();
    await screen.findByText('message 1');
    await userEvent.type(screen.getByLabelText(s.chats.search), 'soup');
    unmount();
    render(Chats, { props: { onadd: () => undefined }, ...within(backend) });
    expect(await screen.findByText('message 1')).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>(s.chats.search).value).toBe('soup');
  });

  it('finds the message that was in sight, and the newest in a chat that is opened anew', () => {
    const reading = new Reading();
    reading.show(chat({ messages: 500 }));
    reading.seen = 120;
    reading.comeBack();
    expect(reading.target).toEqual({ position: 120, mark: false });
    reading.show(chat({ id: 5 }));
    reading.comeBack();
    expect(reading.target).toBeNull();
  });
});

describe('a message', () => {
  it('asks before a link is opened, with the host in sight', async () => {
    const link = { url: 'https://xn--80ak6aa92e.example/', host: 'xn--80ak6aa92e.example' };
    const pieces = [{ text: 'see ', hit: false, link: null, turned: false }, { text: 'аррle.example', hit: false, link, turned: false }];
    const { backend } = opened([message(0, { text: 'see аррle.example', pieces })], { openLink: async () => null });
    await open();
    await userEvent.click(await screen.findByText('аррle.example'));
    expect(backend.openLink).not.toHaveBeenCalled();
    expect(screen.getByText(link.host)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.chats.linkOpen, hidden: true }));
    expect(backend.openLink).toHaveBeenCalledWith(link.url);
    await waitFor(() => expect(screen.queryByText(s.chats.linkTitle)).toBeNull());
  });

  it('marks where an override of direction stood', async () => {
    const pieces = [{ text: 'invoice', hit: false, link: null, turned: false }, { text: '', hit: false, link: null, turned: true }, { text: 'gpj.exe', hit: false, link: null, turned: false }];
    opened([message(0, { text: 'invoice\u202egpj.exe', pieces })]);
    await open();
    expect((await screen.findByLabelText(s.chats.turned)).parentElement?.textContent).toBe('invoice⇄gpj.exe');
  });

  it('is folded when it is very long, and unfolds', async () => {
    const text = Array.from({ length: 10_000 }, (_, at) => `line ${at}`).join('\n');
    opened([message(0, { text })]);
    await open();
    const unfold = await screen.findByRole('button', { name: s.chats.unfold(text.length - cutOf(text)!) });
    expect(document.querySelector('article')?.textContent.length).toBeLessThan(2_000);
    await userEvent.click(unfold);
    expect(document.querySelector('article')?.textContent).toContain('line 9999');
  });

  it('says when it was changed', async () => {
    opened([message(0, { edited: true, edited_at: Date.UTC(2024, 2, 10, 8, 30) })]);
    await open();
    const time = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' }).format(Date.UTC(2024, 2, 10, 8, 30));
    const when = `${time({ dateStyle: 'short' })} ${time({ hour: 'numeric', minute: '2-digit' })}`;
    expect((await screen.findByText(new RegExp(s.chats.edited))).textContent).toContain(s.chats.editedAt(when));
  });

  it('tells where it comes from', async () => {
    const info = { source_id: '77', exports: [{ name: 'WhatsApp Chat.zip', imported: 1_700_000_000 }], record: '{"text":"message 0"}', raw: null };
    opened([message(0)], { messageInfo: async () => info });
    await open();
    await userEvent.click(await screen.findByRole('button', { name: s.chats.actions }));
    await userEvent.click(screen.getByRole('menuitem', { name: s.info.title }));
    expect(await screen.findByText(/WhatsApp Chat\.zip/)).toBeTruthy();
    expect(screen.getByText(info.record)).toBeTruthy();
  });

  it('is chosen with others, in order of time, and saved as text', async () => {
    const saveText = vi.fn(async (_out: string, _text: string) => null);
    const { backend } = opened([message(0), message(1), message(2)], { pickNew: async () => '/there/Messages.txt', saveText });
    await open();
    await userEvent.click(await screen.findByRole('button', { name: s.chats.menu }));
    await userEvent.click(screen.getByRole('menuitem', { name: s.chats.chooseSome }));
    const [first, , third] = await screen.findAllByRole('checkbox', { name: /Choose the message/ });
    await userEvent.click(third!);
    await userEvent.click(first!);
    expect(screen.getByText(s.chats.chosen(2))).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.chats.saveChosen }));
    const text = vi.mocked(backend.saveText).mock.calls[0]![1];
    expect(text.split('\n').map((line) => line.split(': ').pop())).toEqual(['message 0', 'message 2', '']);
  });
});

describe('the viewer', () => {
  it('shows the next and the previous by keys, says where it ends, and closes', async () => {
    const neighbourMedia = async (id: number, _ordinal: number, newer: boolean) => (newer && id === 1 ? place(5, 'b.jpg') : !newer && id === 6 ? place(0, 'a.jpg') : null);
    const { user } = opened([message(0, { text: '', attachments: [picture('a.jpg')] })], { neighbourMedia });
    await open();
    await user.click(await screen.findByRole('button', { name: s.chats.enlarge('a.jpg') }));
    const viewer = await screen.findByTestId('viewer');
    inside(viewer).getByRole('button', { name: s.viewer.newer, hidden: true }).focus();
    await user.keyboard('{ArrowRight}');
    expect(await inside(viewer).findByText('b.jpg')).toBeTruthy();
    await user.keyboard('{ArrowRight}');
    expect(await inside(viewer).findByText(s.viewer.newest)).toBeTruthy();
    await user.keyboard('{ArrowLeft}');
    expect(await inside(viewer).findByText('a.jpg')).toBeTruthy();
    await user.click(inside(viewer).getByRole('button', { name: s.viewer.close, hidden: true }));
    expect(screen.queryByTestId('viewer')).toBeNull();
  });

  it('loads a video once, and plays it from memory', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('a video'));
    const { user } = opened([message(0, { text: '', attachments: [{ ...picture('a.mp4'), mime: 'video/mp4' }] })]);
    await open();
    await user.click(await screen.findByRole('button', { name: s.chats.play('a.mp4') }));
    await waitFor(() => expect(screen.getByTestId('viewer').querySelector('video')?.src).toMatch(/^blob:/));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fetched).toHaveBeenCalledOnce();
    fetched.mockRestore();
  });

  it('has a word for a picture that is broken, and still saves it', async () => {
    const { backend } = opened([message(0, { text: '', attachments: [picture('a.jpg')] })], { pickNew: async () => '/there/a.jpg', saveAttachment: async () => Promise.reject(failure) });
    await open();
    (await screen.findByAltText('a.jpg')).dispatchEvent(new Event('error'));
    expect(await screen.findByText(new RegExp(s.chats.failed))).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.chats.save }));
    expect(backend.saveAttachment).toHaveBeenCalledWith('ab'.repeat(32), '/there/a.jpg');
    expect(await screen.findByText(new RegExp(failure.happened))).toBeTruthy();
  });
});

describe('searching', () => {
  it('goes from hit to hit in the open chat, further than one page, with the words marked', async () => {
    const all = Array.from({ length: 12 }, (_, at) => message(at));
    const find = async (_wanted: unknown, from: number) => (from === 0 ? { hits: [hit(9), hit(6)], more: true, total: 3, counted_to: 10_000 } : { hits: [hit(2)], more: false, total: 3, counted_to: 10_000 });
    const { backend, user } = opened(all, { find });
    const ring = () => document.querySelector('.bubble.marked')?.textContent ?? '';
    await open();
    await screen.findByText('message 11');
    await user.keyboard('{Control>}f{/Control}');
    await user.type(await screen.findByLabelText(s.chats.findHere, { selector: 'input' }), 'soup');
    await waitFor(() => expect(ring()).toContain('message 9'));
    expect(await screen.findByText(s.chats.hitOf(1, 3, false))).toBeTruthy();
    await waitFor(() => expect(backend.messages).toHaveBeenLastCalledWith(4, expect.any(Number), 100, 'soup'));
    await user.keyboard('{Enter}{Enter}');
    await waitFor(() => expect(ring()).toContain('message 2'));
    expect(screen.getByText(s.chats.hitOf(3, 3, false))).toBeTruthy();
    await user.keyboard('{Shift>}{Enter}{/Shift}');
    expect(await screen.findByText(s.chats.hitOf(2, 3, false))).toBeTruthy();
    await user.keyboard('{Escape}');
    expect(screen.queryByLabelText(s.chats.findHere, { selector: 'input' })).toBeNull();
  });

  it('pages through all hits, narrows them down, and finds chats by title and people', async () => {
    const find = async (_wanted: unknown, from: number) => ({ hits: [hit(from)], more: from === 0, total: 2, counted_to: 10_000 });
    const { backend } = opened([message(0)], { find });
    await userEvent.type(await screen.findByLabelText(s.chats.search), 'ada');
    expect(await screen.findByText('hit 0')).toBeTruthy();
    expect(screen.getByText('Ada, Ben')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.chats.moreHits }));
    expect(await screen.findByText('hit 1')).toBeTruthy();
    await userEvent.selectOptions(screen.getByLabelText(s.chats.withFile), 'picture');
    await waitFor(() => expect(backend.find).toHaveBeenLastCalledWith(expect.objectContaining({ words: 'ada', file: 'picture' }), 0, 50));
  });
});

describe('the list of chats', () => {
  it('has the pinned ones first, the others out of the way on a page of their own, and one messenger alone', async () => {
    const all = [chat(), chat({ id: 5, title: 'Old job', archived: true }), chat({ id: 6, title: 'Mother', pinned: true, source: 'signal' })];
    const { backend } = opened([], { conversations: async () => all, messages: async () => [message(0)], shelveChat: async () => null });
    const titles = () => [...screen.getByLabelText(s.chats.list, { selector: 'ul' }).querySelectorAll('strong')].map((one) => one.textContent);
    await screen.findByRole('button', { name: /Mother/ });
    expect(titles()).toEqual(['Mother', 'Rowing club']);
    await userEvent.click(screen.getByRole('button', { name: 'Signal' }));
    expect(titles()).toEqual(['Mother']);
    await userEvent.click(screen.getByRole('button', { name: s.chats.allSources }));
    await userEvent.click(screen.getByRole('button', { name: s.chats.archivedCount(1) }));
    await userEvent.click(await screen.findByRole('button', { name: /Old job/ }));
    await userEvent.click(await screen.findByRole('button', { name: s.chats.menu }));
    await userEvent.click(screen.getByRole('menuitem', { name: s.chats.unarchive }));
    expect(backend.shelveChat).toHaveBeenCalledWith(5, 'usual');
  });

  it('is one stop for the tabulator, and arrows go on from there', async () => {
    const { user } = opened([], { conversations: async () => [chat(), chat({ id: 6, title: 'Mother' })], messages: async () => [] });
    const first = await screen.findByRole('button', { name: /Rowing club/ });
    first.focus();
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toContain('Mother');
    expect([first.tabIndex, (document.activeElement as HTMLElement).tabIndex]).toEqual([0, -1]);
  });

  it('shows the shortcuts when asked by a key', async () => {
    const { user } = opened([]);
    await screen.findByRole('button', { name: /Rowing club/ });
    await user.keyboard('?');
    expect(await screen.findByText(s.shortcuts.title)).toBeTruthy();
  });
});

describe('a chat in numbers', () => {
  it('says who wrote how much in which year', async () => {
    const numbers = { years: [{ year: 2023, messages: 10 }, { year: 2024, messages: 5 }], people: [{ name: 'Ada', own: true, messages: 12 }, { name: 'Ben', own: false, messages: 3 }], first: 0, last: 1 };
    opened([message(0)], { chatNumbers: async () => numbers });
    await open();
    await userEvent.click(await screen.findByRole('button', { name: s.chats.menu }));
    await userEvent.click(screen.getByRole('menuitem', { name: s.numbers.title }));
    expect((await screen.findByText(s.numbers.years)).closest('table')?.textContent).toContain('2023');
    expect(screen.getByRole('rowheader', { name: `Ada ${s.people.own}` })).toBeTruthy();
  });
});
