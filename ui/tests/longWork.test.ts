import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { BackupReport } from '../src/backend/backend';
import BackUpNow from '../src/features/backup/BackUpNow.svelte';
import { s } from '../src/strings';
import { failure, fakeBackend, steered, within } from './fakeBackend';

function running() {
  const work = steered<BackupReport>();
  const backend = fakeBackend({ backUp: (_place, tell) => work.start(tell) });
  render(BackUpNow, { props: { place: '/backup' }, ...within(backend) });
  return { work, backend, user: userEvent.setup() };
}

const start = () => screen.getByRole('button', { name: s.backup.now });

describe('long work', () => {
  it('shows what is done and how far it is', async () => {
    const { work, user, backend } = running();
    await user.click(start());
    expect(backend.backUp).toHaveBeenCalledWith('/backup', expect.anything());
    work.tell({ what: 'Writing backup', done: 25_000_000, total: 100_000_000, unit: 'bytes' });
    expect(await screen.findByText('Writing backup')).toBeTruthy();
    expect(screen.getByText(/25 MB of 100 MB/)).toBeTruthy();
    expect(screen.getByRole('progressbar').getAttribute('value')).toBe('25000000');
  });

  it('stops the work when asked, and can be started again', async () => {
    const { work, user } = running();
    await user.click(start());
    await user.click(screen.getByRole('button', { name: s.action.stop }));
    expect(work.stop).toHaveBeenCalledOnce();
    expect(screen.getByText(s.action.stopping)).toBeTruthy();
    work.fail({ ...failure, code: 'cancelled', happened: 'The backup was stopped.' });
    expect(await screen.findByText(s.error.stopped)).toBeTruthy();
    expect(start()).toBeTruthy();
  });

  it('says what happened, what is safe and what to do when it fails', async () => {
    const { work, user } = running();
    await user.click(start());
    work.fail(failure);
    const alert = await screen.findByRole('alert');
    for (const part of [failure.happened, s.error.safe, failure.safe, s.error.next, failure.next]) {
      expect(alert.textContent).toContain(part);
    }
  });
});
