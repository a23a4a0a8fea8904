import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { BackgroundMode, Every } from '../src/backend/backend';
import ArchiveCare from '../src/features/settings/ArchiveCare.svelte';
import ByItself from '../src/features/settings/ByItself.svelte';
import DeleteChat from '../src/features/settings/DeleteChat.svelte';
import Help from '../src/features/settings/Help.svelte';
import { s } from '../src/strings';
import { done, failure, fakeBackend, within } from './fakeBackend';

const off: BackgroundMode = { is_on: false, is_broken: false, by: 'systemd', files: [] };
const nothing = () => undefined;

describe('backups by themselves', () => {
  it('are daily until another time is chosen', async () => {
    let every: Every = 'day';
    const setSchedule = vi.fn(async (to: Every) => ((every = to), null));
    render(ByItself, within(fakeBackend({ schedule: async () => every, setSchedule })));
    const daily = await screen.findByLabelText<HTMLInputElement>(s.settings.every.day);
    await vi.waitFor(() => expect(daily.checked).toBe(true));
    await userEvent.click(screen.getByLabelText(s.settings.every.week));
    expect(setSchedule).toHaveBeenCalledWith('week');
  });

  it('run in the background after a yes, and say why not where that is refused', async () => {
    const refused = { ...failure, code: 'no_background', happened: 'systemd did not start it.', next: 'leave_window_open' as const };
    const setBackground = vi.fn(() => Promise.reject(refused));
    render(ByItself, within(fakeBackend({ backgroundMode: async () => off, setBackground })));
    const box = await screen.findByLabelText<HTMLInputElement>(s.settings.background);
    expect(box.checked).toBe(false);
    await userEvent.click(box);
    expect(setBackground).toHaveBeenCalledWith(true);
    expect(await screen.findByText('systemd did not start it.')).toBeTruthy();
    expect(screen.getByText(s.nextSteps.leave_window_open)).toBeTruthy();
    await vi.waitFor(() => expect(box.checked).toBe(false));
  });

  it('cannot run in the background where nothing starts them', async () => {
    render(ByItself, within(fakeBackend({ backgroundMode: async () => ({ ...off, by: null }) })));
    expect((await screen.findByLabelText<HTMLInputElement>(s.settings.background)).disabled).toBe(true);
    expect(screen.getByText(s.settings.backgroundNone)).toBeTruthy();
  });
});

describe('when something does not work', () => {
  it('diagnostics are copied, and can be read before', async () => {
    const user = userEvent.setup();
    render(Help, within(fakeBackend({ diagnostics: async () => 'Keepsake: 0.1.0' })));
    await user.click(screen.getByText(s.settings.diagnosticsShow));
    expect(await screen.findByText('Keepsake: 0.1.0')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: s.settings.diagnosticsCopy }));
    expect(await screen.findByText(s.action.copied)).toBeTruthy();
    expect(await navigator.clipboard.readText()).toBe('Keepsake: 0.1.0');
  });

  it('the chats here are checked, and mended only if something is wrong', async () => {
    const checkArchive = vi.fn(() => done({ database: null, media: 5, media_lost: 2 }));
    const repairArchive = vi.fn(() => done({ set_aside: null, messages_saved: 0, messages_lost: null, messages_restored: 0, media_lost: 2, media_restored: 2, backups_read: 1, problems: [] }));
    render(ArchiveCare, { props: { onchanged: nothing }, ...within(fakeBackend({ checkArchive, repairArchive })) });
    expect(screen.queryByText(s.settings.archiveRepair)).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: s.settings.archiveCheck }));
    await userEvent.click(await screen.findByRole('button', { name: s.settings.archiveRepair }));
    expect(await screen.findByText(s.settings.archiveRepaired(0, 2))).toBeTruthy();
  });

  it('a chat is deleted only after its consequence was read, and what still has it is named', async () => {
    const chat = { id: 7, title: 'Mira', messages: 12 };
    const deleteChat = vi.fn(() => done({ messages: 12, media: 1, backups: [], still_there: [{ url: '/media/stick', chats: [], reason: 'It is not there.' }] }));
    const conversations = async () => [chat] as never;
    render(DeleteChat, { props: { onchanged: nothing }, ...within(fakeBackend({ conversations, deleteChat })) });
    await userEvent.click(screen.getByText(s.settings.deleteChat));
    await screen.findByRole('option', { name: 'Mira' });
    await userEvent.selectOptions(screen.getByLabelText(s.settings.deleteWhich), 'Mira');
    await userEvent.click(screen.getByRole('button', { name: s.settings.deleteAsk }));
    expect(deleteChat).not.toHaveBeenCalled();
    expect(screen.getByText(s.settings.deleteSure('Mira', 12))).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.settings.deleteYes }));
    expect(deleteChat).toHaveBeenCalledWith(7, expect.anything());
    expect(await screen.findByText(s.settings.stillThere('/media/stick', 'It is not there.'))).toBeTruthy();
  });
});
