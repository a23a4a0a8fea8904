import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { PlaceView } from '../src/backend/backend';
import ChoosePlace from '../src/features/backup/ChoosePlace.svelte';
import { s } from '../src/strings';
import { failure, fakeBackend, within } from './fakeBackend';

const ADDRESS = 'https://cloud.example/dav/Keepsake';
const place: PlaceView = { url: ADDRESS, kind: 'webdav', has_login: true, last_backup: null };

async function typed(answers: Parameters<typeof fakeBackend>[0]) {
  const backend = fakeBackend(answers);
  const onchosen = vi.fn();
  render(ChoosePlace, { props: { onchosen }, ...within(backend) });
  const user = userEvent.setup();
  await user.click(screen.getByText(s.place.server));
  await user.type(screen.getByLabelText(s.place.serverAddress), ADDRESS);
  await user.type(screen.getByLabelText(s.place.serverName), 'ann');
  await user.type(screen.getByLabelText(s.place.serverSecret), 'an app password');
  await user.click(screen.getByRole('button', { name: s.place.serverTry }));
  return { backend, onchosen };
}

describe('a server as the place of backups', () => {
  it('is tried, and used when it works; the password does not stay on the screen', async () => {
    const { backend, onchosen } = await typed({ addPlace: async () => place });
    expect(backend.addPlace).toHaveBeenCalledWith(ADDRESS, 'ann', 'an app password');
    await vi.waitFor(() => expect(onchosen).toHaveBeenCalledWith(ADDRESS));
    expect(screen.getByLabelText<HTMLInputElement>(s.place.serverSecret).value).toBe('');
  });

  it('is not used when it does not work, and what was typed stays to be mended', async () => {
    const refused = { ...failure, code: 'place_refused', happened: 'Access was refused.', next: 'check_place_login' as const };
    const { onchosen } = await typed({ addPlace: () => Promise.reject(refused) });
    expect(await screen.findByText(refused.happened)).toBeTruthy();
    expect(screen.getByText(s.nextSteps.check_place_login)).toBeTruthy();
    expect(onchosen).not.toHaveBeenCalled();
    expect(screen.getByLabelText<HTMLInputElement>(s.place.serverName).value).toBe('ann');
  });
});
