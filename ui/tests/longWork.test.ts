import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
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

  it('asks loudly for the touch that a security key waits for, and only then', async () => {
    const { work, user } = running();
    await user.click(start());
    work.tell({ what: 'Verifying the fleet', done: 0, total: 4, unit: 'steps' });
    const loud = await screen.findByTestId('touch');
    expect(loud.getAttribute('aria-live')).toBe('assertive');
    expect(loud.textContent.trim()).toBe('');
    work.tell({ what: 'Touch your security key', done: 0, total: null, unit: 'steps' });
    await vi.waitFor(() => expect(loud.textContent).toContain('Touch your security key'));
    expect(loud.textContent).toContain(s.progress.touchHint);
    await user.click(screen.getByRole('button', { name: s.action.stop }));
    expect(screen.getByText(s.progress.touchEnds)).toBeTruthy();
    work.tell({ what: 'Opening the backup', done: 2, total: 4, unit: 'steps' });
    await vi.waitFor(() => expect(loud.textContent.trim()).toBe(''));
  });

  it('says what happened, what is safe and what to do when it fails', async () => {
    const { work, user } = running();
    await user.click(start());
    work.fail(failure);
    const alert = await screen.findByRole('alert');
    for (const part of [failure.happened, s.error.safe, failure.safe, s.error.next, s.nextSteps[failure.next]]) {
      expect(alert.textContent).toContain(part);
    }
  });
});
