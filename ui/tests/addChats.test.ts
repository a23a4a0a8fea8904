import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { ImportReport } from '../src/backend/backend';
import AddChats from '../src/features/add-chats/AddChats.svelte';
import { s } from '../src/strings';
import { done, fakeBackend, within } from './fakeBackend';

const report: ImportReport = {
  kind: 'whatsapp',
  conversations: 1,
  messages: 12,
  attachments: 2,
  missing: [{ conversation: 'Ada', name: 'beach.jpg', reason: 'not in the export' }],
  duplicates_skipped: 3,
};
const detected = { kind: 'whatsapp', reason: 'a _chat.txt', conversations: ['Ada'] };

describe('adding chats', () => {
  it('looks first, then adds, and lists what is missing', async () => {
    const backend = fakeBackend({ detect: async () => detected, importChats: () => done(report) });
    render(AddChats, within(backend));
    await userEvent.type(screen.getByLabelText(s.add.path), '/exports/chat.zip{Enter}');
    expect(await screen.findByText(s.add.recognised('WhatsApp'))).toBeTruthy();
    await userEvent.selectOptions(screen.getByLabelText(s.add.dateOrder), 'mdy');
    await userEvent.click(screen.getByRole('button', { name: s.add.import }));
    expect(backend.importChats).toHaveBeenCalledWith('/exports/chat.zip', 'mdy', expect.anything());
    expect(await screen.findByText(s.add.done(12))).toBeTruthy();
    expect(screen.getByText(/beach\.jpg/)).toBeTruthy();
    expect(screen.getByText(new RegExp(s.add.duplicates(3)))).toBeTruthy();
  });

  it('takes a file that is dropped on the window', async () => {
    let drop: (path: string) => void = () => undefined;
    const backend = fakeBackend({
      detect: async () => detected,
      onDrop: (dropped) => {
        drop = dropped;
        return () => undefined;
      },
    });
    render(AddChats, within(backend));
    drop('/exports/dropped.zip');
    expect(await screen.findByText(s.add.recognised('WhatsApp'))).toBeTruthy();
    expect(backend.detect).toHaveBeenCalledWith('/exports/dropped.zip');
  });
});
