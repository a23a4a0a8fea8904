import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import Offers from '../src/features/backup/Offers.svelte';
import WatchedFolders from '../src/features/settings/WatchedFolders.svelte';
import { s } from '../src/strings';
import { done, fakeBackend, within } from './fakeBackend';

const offer = { path: '/home/ada/Downloads/WhatsApp Chat with Mira.zip', kind: 'whatsapp', conversations: ['Mira (12 messages)'], refused: null };
const nothing = { folders: [], offers: [] };

describe('a new export in a folder that is watched', () => {
  it('is offered, and added only after a yes', async () => {
    const importChats = vi.fn(() => done({ messages: 12 } as never));
    const dismissOffer = vi.fn(async () => nothing);
    const onadded = vi.fn();
    const backend = fakeBackend({ watchedFolders: async () => ({ folders: [], offers: [offer] }), importChats, dismissOffer });
    render(Offers, { props: { round: 0, onadded }, ...within(backend) });
    expect(await screen.findByText(s.backup.offer('WhatsApp Chat with Mira.zip'))).toBeTruthy();
    expect(importChats).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: s.backup.offerAdd }));
    expect(importChats).toHaveBeenCalledWith(offer.path, null, null, null, expect.anything());
    expect(dismissOffer).toHaveBeenCalledWith(offer.path);
    await vi.waitFor(() => expect(onadded).toHaveBeenCalled());
  });

  it('says why it was not added by itself, and goes after a no', async () => {
    const refused = { ...offer, refused: 'The date 01/02/2026 can mean two days.' };
    const dismissOffer = vi.fn(async () => nothing);
    const backend = fakeBackend({ watchedFolders: async () => ({ folders: [], offers: [refused] }), dismissOffer });
    render(Offers, { props: { round: 0, onadded: vi.fn() }, ...within(backend) });
    expect(await screen.findByText(s.backup.offerRefused(refused.refused))).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.backup.offerNo }));
    await vi.waitFor(() => expect(screen.queryByText(s.backup.offer('WhatsApp Chat with Mira.zip'))).toBeNull());
  });
});

describe('folders that are looked through for new exports', () => {
  it('are chosen, imported from without asking only after a yes, and left alone again', async () => {
    const folder = { path: '/home/ada/Downloads', by_itself: false };
    const answer = (by_itself: boolean) => ({ folders: [{ ...folder, by_itself }], offers: [] });
    const watchFolder = vi.fn(async (_path: string, byItself: boolean) => answer(byItself));
    const unwatchFolder = vi.fn(async () => ({ folders: [], offers: [] }));
    render(WatchedFolders, within(fakeBackend({ pickFolder: async () => folder.path, watchFolder, unwatchFolder })));
    await userEvent.click(screen.getByRole('button', { name: s.settings.watchedAdd }));
    expect(watchFolder).toHaveBeenLastCalledWith(folder.path, false);
    await userEvent.click(await screen.findByLabelText(s.settings.watchedByItself));
    expect(watchFolder).toHaveBeenLastCalledWith(folder.path, true);
    await userEvent.click(screen.getByRole('button', { name: s.settings.watchedRemoveLabel(folder.path) }));
    await vi.waitFor(() => expect(screen.queryByText(folder.path)).toBeNull());
  });
});
