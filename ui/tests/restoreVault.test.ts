import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import Away from '../src/features/restore/Away.svelte';
import Restore from '../src/features/restore/Restore.svelte';
import { s } from '../src/strings';
import { failed, failure, fakeBackend, RIGHT_CODE, within } from './fakeBackend';
import { field, go, opened, preview, vault } from './restoreFakes';

describe('restoring while something is wrong', () => {
  it('says above the field that the code was wrong, and leaves what was typed and the focus there', async () => {
    const wrong = { ...failure, code: 'wrong_code', happened: 'The code is wrong.', tries_left: 9 };
    const { user } = await opened({}, { recover: () => failed(wrong) });
    await user.type(await field(), RIGHT_CODE);
    await user.click(go());
    const said = await screen.findByRole('alert');
    const code = await field();
    await vi.waitFor(() => expect(document.activeElement).toBe(code));
    expect(code.value).toBe(RIGHT_CODE);
    expect(code.getAttribute('aria-describedby')).toBe(said.parentElement?.id);
    const before = (a: Node, b: Node) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    expect(before(screen.getByTestId('tries'), said) && before(said, code)).toBe(true);
  });

  it('offers no field while the vault does not answer, and asks again when told to', async () => {
    let up = false;
    const askVault = async () => {
      if (up) return vault;
      throw failure;
    };
    const { user } = await opened({}, { askVault });
    const away = await screen.findByTestId('vault-away');
    expect(away.textContent).toContain(s.restore.awayText);
    expect(screen.queryByLabelText(s.code.label)).toBeNull();
    expect(screen.queryByLabelText(s.restore.fleet)).toBeNull();
    up = true;
    await user.click(screen.getByRole('button', { name: s.action.again }));
    expect(await field()).toBeTruthy();
  });

  it('asks a vault that is away again by itself after a minute, and not while it is asking', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const onagain = vi.fn();
    const view = render(Away, { props: { error: failure, waiting: false, tried: false, onagain, onother: () => undefined } });
    vi.advanceTimersByTime(59_000);
    expect(onagain).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(onagain).toHaveBeenCalledOnce();
    await view.rerender({ waiting: true });
    vi.advanceTimersByTime(120_000);
    expect(onagain).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });

  it('takes the field away when the vault stops answering at a try, and says that it may count', async () => {
    let asked = 0;
    const askVault = async () => {
      if (asked++ === 0) return vault;
      throw failure;
    };
    const { user } = await opened({}, { askVault, recover: () => failed(failure) });
    await user.type(await field(), RIGHT_CODE);
    await user.click(go());
    expect((await screen.findByTestId('vault-away')).textContent).toContain(s.restore.awayTried);
    expect(screen.queryByLabelText(s.code.label)).toBeNull();
  });

  it.each(['do_not_type_code', 'ask_auditor', 'verify_fleet_again'] as const)('is one red page without a field when the vault is not believed (%s)', async (next) => {
    const distrust = { ...failure, code: 'evidence_refused', happened: 'The evidence differs.', next };
    const { user } = await opened({}, { askVault: () => Promise.reject(distrust) });
    const red = await screen.findByTestId('vault-distrusted');
    expect(red.textContent).toContain(s.restore.distrusted);
    expect(red.textContent).toContain('The evidence differs.');
    expect(document.querySelectorAll('input')).toHaveLength(0);
    await user.click(screen.getByRole('button', { name: s.restore.haveOfflineKey }));
    expect(screen.getByLabelText(s.restore.offlineKey)).toBeTruthy();
  });

  it('shows the backups that it knows or finds before it asks for a folder', async () => {
    const one = { url: '/media/disk/Keepsake', known: false, there: true, newest: 1_764_000_000, bytes: 1_300_000, ways_back: ['offline_key' as const, 'this_computer' as const] };
    const gone = { ...one, url: '/media/old', known: true, there: false, newest: null, bytes: null, ways_back: [] };
    const backend = fakeBackend({ findBackups: async () => [gone, one], previewBackup: async () => preview });
    render(Restore, { props: { suggestedFleet: '', onrestored: () => undefined, onread: () => undefined }, ...within(backend) });
    expect((await screen.findByRole('button', { name: /media\/old/ })).textContent).toContain(s.restore.notThere);
    const found = screen.getByRole('button', { name: /media\/disk/ });
    expect(found.textContent).toContain('1.3 MB');
    expect(found.textContent).toContain(s.restore.opens(s.waysBack.names.offline_key));
    await userEvent.click(found);
    expect(backend.previewBackup).toHaveBeenCalledWith('/media/disk/Keepsake');
  });
});
