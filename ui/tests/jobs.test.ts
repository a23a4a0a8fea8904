import { render, screen, waitFor, within as inside } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import App from '../src/App.svelte';
import type { Backend, JobNews, Status } from '../src/backend/backend';
import { mock } from '../src/design/mock.svelte';
import { Pace } from '../src/design/pace';
import { s } from '../src/strings';
import { failure, fakeBackend } from './fakeBackend';

const status: Status = {
  conversations: 1, messages: 3, attachments: 0, missing_attachments: 0, device_key: 'file',
  vault: null, vault_problem: null, passkeys: 0, kits: 0, backups: [],
};
const about = async () => ({ version: '0.1.0', home: '/home/ada/keepsake', device_key_warning: null, fleet_url: null, by_link: false });

/** The whole window, with a core that a test speaks for. */
async function opened(more: Partial<Backend> = {}) {
  let news!: JobNews;
  let askToClose!: () => void;
  const backend = fakeBackend({
    about,
    status: async () => status,
    conversations: async () => [],
    watchJobs: (told) => {
      news = told;
      return () => undefined;
    },
    stopJob: () => undefined,
    onCloseAsked: (asked) => {
      askToClose = asked;
      return () => undefined;
    },
    closeWindow: async () => null,
    ...more,
  });
  render(App, { backend });
  await screen.findByRole('navigation');
  return { backend, news, askToClose: () => askToClose(), user: userEvent.setup() };
}

const half = { what: 'Reading Rowing club', done: 5, total: 10, unit: 'bytes' } as const;

describe('long work of the window', () => {
  beforeEach(() => (mock.seen = false));

  it('is shown beside every screen, and can be stopped there', async () => {
    const { backend, news, user } = await opened();
    news.began(7, 'import_chats');
    news.told(7, half);
    const running = await screen.findByTestId('running-work');
    expect(running.textContent).toContain(s.jobs.share(0.5));
    await user.click(screen.getByRole('button', { name: s.nav.settings }));
    await user.click(screen.getByRole('button', { name: s.jobs.stop(s.jobs.running.import_chats!) }));
    expect(backend.stopJob).toHaveBeenCalledWith(7);
    expect(running.textContent).toContain(s.action.stopping);
  });

  it('says that it has ended to who has gone elsewhere, and to nobody else', async () => {
    const { news, user } = await opened();
    news.began(1, 'export_chat');
    news.ended(1, null);
    expect(screen.queryByText(s.jobs.done.export_chat!)).toBeNull();
    news.began(2, 'import_chats');
    await user.click(screen.getByRole('button', { name: s.nav.settings }));
    news.ended(2, null);
    expect(await screen.findByText(s.jobs.done.import_chats!)).toBeTruthy();
    expect(screen.queryByTestId('running-work')).toBeNull();
    await user.click(screen.getByRole('button', { name: s.jobs.look }));
    expect(await screen.findByText(s.add.lead)).toBeTruthy();
    expect(screen.queryByText(s.jobs.done.import_chats!)).toBeNull();
  });

  it('says what went wrong, and tells being stopped from failing', async () => {
    const { news } = await opened();
    news.resumed([{ job: 3, work: 'back_up', progress: half }, { job: 4, work: 'restore', progress: null }], false);
    news.ended(3, failure);
    expect((await screen.findByTestId('notices')).textContent).toContain(s.jobs.failed(s.jobs.running.back_up!));
    news.ended(4, { ...failure, code: 'cancelled' });
    expect(await screen.findByText(s.jobs.stopped(s.jobs.running.restore!))).toBeTruthy();
  });

  it('is found again by a page that was loaded after the one before it died', async () => {
    const { news } = await opened();
    news.ended(9, null);
    news.resumed([{ job: 8, work: 'back_up', progress: half }, { job: 9, work: 'restore', progress: null }], true);
    expect(await screen.findByText(s.jobs.afterDeath)).toBeTruthy();
    expect(screen.getByTestId('running-work').textContent).toContain(s.jobs.running.back_up);
    expect(screen.queryByText(s.jobs.running.restore!)).toBeNull();
  });

  it('is not begun a second time by who comes back to its screen', async () => {
    const { news, user } = await opened();
    news.resumed([{ job: 8, work: 'import_chats', progress: half }], false);
    await user.click(inside(screen.getByRole('navigation')).getByRole('button', { name: s.nav.add }));
    expect(await screen.findByText(s.jobs.goesOn(s.jobs.running.import_chats!))).toBeTruthy();
    expect(screen.queryByText(s.add.drop)).toBeNull();
    news.ended(8, null);
    expect(await screen.findByText(s.add.drop)).toBeTruthy();
  });

  it('keeps the window open until the person has answered', async () => {
    const { backend, news, askToClose, user } = await opened();
    news.began(1, 'restore');
    askToClose();
    await user.click(await screen.findByRole('button', { name: s.jobs.stay, hidden: true }));
    expect(screen.queryByText(s.jobs.closeTitle)).toBeNull();
    askToClose();
    await user.click(await screen.findByRole('button', { name: s.jobs.stopAndClose, hidden: true }));
    expect(backend.stopJob).toHaveBeenCalledWith(1);
    expect(backend.closeWindow).not.toHaveBeenCalled();
    news.ended(1, { ...failure, code: 'cancelled' });
    await waitFor(() => expect(backend.closeWindow).toHaveBeenCalledOnce());
  });
});

describe('the pace of work', () => {
  it('measures each phase by itself, once it is steady', () => {
    const pace = new Pace();
    pace.tell({ ...half, done: 0 }, 0);
    expect(pace.rate({ ...half, done: 4 }, 1000)).toBeNull();
    expect(pace.rate({ ...half, done: 4 }, 2000)).toBe(2);
    expect(pace.left({ ...half, done: 4 }, 2000)).toBe(3);
    pace.tell({ ...half, what: 'Writing', done: 0 }, 2000);
    expect(pace.rate({ ...half, what: 'Writing', done: 9 }, 3000)).toBeNull();
  });
});
