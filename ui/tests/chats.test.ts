import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { ConversationView, FoundMessage, FoundPage } from '../src/backend/backend';
import Chats from '../src/features/chats/Chats.svelte';
import { around, move, ROWS, spacerHeight, STEP } from '../src/features/chats/rowWindow';
import { s } from '../src/strings';
import { fakeBackend, message, within } from './fakeBackend';

const MILLION = 1_000_000;
const long: ConversationView = {
  id: 4,
  source: 'whatsapp',
  title: 'Rowing club',
  group: true,
  participants: ['Ada', 'Ben'],
  messages: MILLION,
  owner: null,
  attachments: 0,
  unclaimed_files: 0,
  last_at: Date.UTC(2024, 2, 9),
  last_zone: 'local',
  last_text: 'See you there',
  pinned: false,
  archived: false,
};

const page = async (_: number, from: number, count: number) => Array.from({ length: count }, (_, i) => message(from + i));

/** Does what the menu of the open chat offers. */
async function fromMenu(words: string) {
  await userEvent.click(await screen.findByRole('button', { name: s.chats.menu }));
  await userEvent.click(await screen.findByRole('menuitem', { name: words }));
}

const found = (hits: FoundMessage[], more = false): FoundPage => ({ hits, more, total: hits.length, counted_to: 10_000 });

describe('a conversation of a million messages', () => {
  it('draws one window of rows and asks for few of them', async () => {
    const backend = fakeBackend({ conversations: async () => [long], messages: page });
    render(Chats, { props: { onadd: () => undefined }, ...within(backend) });
    await userEvent.click(await screen.findByRole('button', { name: /Rowing club/ }));
    expect(await screen.findByText(`message ${MILLION - 1}`)).toBeTruthy();
    expect(screen.getAllByTestId('row').length).toBeLessThanOrEqual(ROWS);
    const asked = vi.mocked(backend.messages).mock.calls.reduce((sum, [, , count]) => sum + count, 0);
    expect(asked).toBeLessThanOrEqual(300);
  });

  it('goes to a date without reading what lies between', async () => {
    const backend = fakeBackend({ conversations: async () => [long], messages: page, positionAt: async () => 1234 });
    render(Chats, { props: { onadd: () => undefined }, ...within(backend) });
    await userEvent.click(await screen.findByRole('button', { name: /Rowing club/ }));
    await fromMenu(s.chats.jump);
    const date = await screen.findByLabelText<HTMLInputElement>(s.chats.day);
    date.value = '2021-05-06';
    date.dispatchEvent(new Event('input', { bubbles: true }));
    await userEvent.click(screen.getByRole('button', { name: s.chats.show, hidden: true }));
    expect(await screen.findByText('message 1234')).toBeTruthy();
    expect(backend.positionAt).toHaveBeenCalledWith(4, Date.UTC(2021, 4, 6));
  });
});

describe('the window of rows', () => {
  it('never makes a page taller than a web view can scroll', () => {
    expect(spacerHeight(50_000_000) * 50_000_000).toBeLessThanOrEqual(8_000_000);
  });

  it('stays within the list', () => {
    expect(around(0, MILLION)).toEqual({ first: 0, end: ROWS });
    expect(around(MILLION - 1, MILLION)).toEqual({ first: MILLION - ROWS, end: MILLION });
    expect(around(3, 5)).toEqual({ first: 0, end: 5 });
  });

  it('moves on near an end, jumps when the thumb was dragged, and else stays', () => {
    const rows = { first: 500, end: 500 + ROWS };
    const sight = { viewport: 600, scrollHeight: 100_000, top: 4000, bottom: 10_000 };
    expect(move({ ...sight, scrollTop: 6000 }, rows, 1000)).toEqual({ to: 'stay' });
    expect(move({ ...sight, scrollTop: 4100 }, rows, 1000)).toEqual({ to: 'shift', rows: { first: 500 - STEP, end: 500 - STEP + ROWS } });
    expect(move({ ...sight, scrollTop: 9300 }, rows, 1000)).toEqual({ to: 'shift', rows: { first: 500 + STEP, end: 500 + STEP + ROWS } });
    expect(move({ ...sight, scrollTop: 99_400 }, rows, 1000)).toEqual({ to: 'jump', row: 999 });
    expect(move({ ...sight, scrollTop: 0 }, { first: 0, end: 1000 }, 1000).to).toBe('jump');
  });
});

describe('chats that may be the same', () => {
  it('shows the evidence, and does what the owner says', async () => {
    const two = { a: 4, a_title: 'Rowing club', b: 5, b_title: 'Rowing', united: false, by_owner: false, evidence: '9 of 9 messages are the same' };
    const backend = fakeBackend({ conversations: async () => [long], sameChats: async () => [two], uniteChats: async () => 4 });
    render(Chats, { props: { onadd: () => undefined }, ...within(backend) });
    expect(await screen.findByText('9 of 9 messages are the same')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.chats.unite }));
    expect(backend.uniteChats).toHaveBeenCalledWith(4, 5);
    await waitFor(() => expect(vi.mocked(backend.conversations).mock.calls.length).toBe(2));
  });
});

describe('search', () => {
  it('marks the hits and opens the conversation at the message', async () => {
    const hit = {
      conversation: 4,
      conversation_title: 'Rowing club',
      message: message(777),
      snippet: [{ text: 'the ', hit: false }, { text: 'lighthouse', hit: true }, { text: ' key', hit: false }],
    };
    const backend = fakeBackend({ conversations: async () => [long], messages: page, find: async () => found([hit]) });
    render(Chats, { props: { onadd: () => undefined }, ...within(backend) });
    await userEvent.type(await screen.findByLabelText(s.chats.search), 'lighthouse');
    const marked = await screen.findByText('lighthouse', { selector: 'mark' });
    expect(backend.find).toHaveBeenLastCalledWith(expect.objectContaining({ words: 'lighthouse', conversation: null }), 0, expect.any(Number));
    await userEvent.click(marked);
    expect(await screen.findByText('message 777')).toBeTruthy();
  });

  it('shows markup in a message as text', async () => {
    const nasty = '<img src=x onerror=alert(1)>';
    const short = { ...long, messages: 1 };
    const backend = fakeBackend({ conversations: async () => [short], messages: async () => [message(0, { text: nasty })] });
    render(Chats, { props: { onadd: () => undefined }, ...within(backend) });
    await userEvent.click(await screen.findByRole('button', { name: /Rowing club/ }));
    expect(await screen.findByText(nasty)).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
  });

  it('says which attachment is missing and why', async () => {
    const lost = { name: 'beach.jpg', mime: 'image/jpeg', size: 0, hash: null, missing: 'left out of the export' };
    const backend = fakeBackend({
      conversations: async () => [{ ...long, messages: 1 }],
      messages: async () => [message(0, { attachments: [lost], reactions: [{ emoji: '👍', by: 'Ada' }] })],
    });
    render(Chats, { props: { onadd: () => undefined }, ...within(backend) });
    await userEvent.click(await screen.findByRole('button', { name: /Rowing club/ }));
    expect(await screen.findByText(/left out of the export/)).toBeTruthy();
    await waitFor(() => expect(screen.getByLabelText(s.chats.reactionBy('👍', 'Ada'))).toBeTruthy());
  });
});
