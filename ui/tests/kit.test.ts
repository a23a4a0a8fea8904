import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { leave } from '../src/design/leaving.svelte';
import Protect from '../src/features/protect/Protect.svelte';
import Recovery from '../src/features/recovery/Recovery.svelte';
import { s } from '../src/strings';
import { failure, fakeBackend, found, newKit, within } from './fakeBackend';
import { status } from './passkeyFakes';

const button = (name: string) => screen.getByRole('button', { name });

describe('making a recovery kit', () => {
  async function made(answers: Parameters<typeof fakeBackend>[0] = {}) {
    const kit = newKit();
    const backend = fakeBackend({ makeKit: async () => kit, ...answers });
    const [ondone, onmade, onlater] = [vi.fn(), vi.fn(), vi.fn()];
    const user = userEvent.setup();
    const view = render(Protect, { props: { suggestedFleet: '', passkeys: 0, onmade, ondone, onlater }, ...within(backend) });
    await user.click(button(s.protect.makeKit));
    const words = (await screen.findAllByTestId('kit-word')).map((word) => word.textContent ?? '');
    const fields = screen.getAllByRole<HTMLInputElement>('textbox');
    const wanted = fields.map((field) => Number(/\d+/.exec(field.labels?.[0]?.textContent ?? '')?.[0]));
    return { backend, ondone, onmade, user, view, kit, words, fields, wanted };
  }

  it('shows 24 words, asks for three of them and goes on when they are right', async () => {
    const { user, backend, ondone, onmade, words, fields, wanted } = await made();
    expect(words).toHaveLength(24);
    expect(fields).toHaveLength(3);
    expect(button(s.kit.finish)).toHaveProperty('disabled', true);
    for (const [at, field] of fields.entries()) await user.type(field, ` ${(words[(wanted[at] ?? 0) - 1] ?? '').toUpperCase()}`);
    await user.click(button(s.kit.finish));
    expect(backend.confirmKit).toHaveBeenCalledWith('0a1b2c3d');
    expect(onmade).toHaveBeenCalledOnce();
    expect(ondone).toHaveBeenCalledWith('kit');
  });

  it('says which word is another one, and takes none that is pasted', async () => {
    const { user, fields, wanted } = await made();
    await user.type(fields[0] as HTMLInputElement, 'mountaineer');
    expect(screen.getByText(s.kit.mismatch(wanted[0] ?? 0))).toBeTruthy();
    await user.click(fields[1] as HTMLInputElement);
    await user.paste('gown');
    expect(fields[1]?.value).toBe('');
  });

  it('puts the words, a square with them, the place and lines to write on on the paper', async () => {
    const { words } = await made();
    const paper = document.querySelector('.print-only');
    for (const word of words) expect(paper?.textContent).toContain(word);
    expect(paper?.textContent).toContain('/media/disk/Keepsake');
    for (const line of s.kit.sheetNotes) expect(paper?.textContent).toContain(line);
    expect(paper?.querySelector('svg path')?.getAttribute('d')?.length).toBeGreaterThan(1000);
  });

  it('asks before it is left, and takes the kit back', async () => {
    const { user, backend, kit } = await made({ removeKit: async () => [] });
    const away = vi.fn();
    leave(away);
    expect(await screen.findByText(s.leave.title.kit)).toBeTruthy();
    await user.click(await screen.findByRole('button', { name: s.leave.stay }));
    expect(away).not.toHaveBeenCalled();
    leave(away);
    await user.click(await screen.findByRole('button', { name: s.leave.throwAway.kit }));
    expect(backend.removeKit).toHaveBeenCalledWith(kit.id);
    await vi.waitFor(() => expect(away).toHaveBeenCalledOnce());
    leave(away);
    expect(away).toHaveBeenCalledTimes(2);
  });

  it('keeps no word when it is gone from the screen', async () => {
    const { kit, view } = await made();
    view.unmount();
    expect(kit.words.join('')).toBe('');
    expect(kit.digits).toBe('');
    expect(document.body.textContent).not.toContain('raven');
  });
});

describe('keeping a kit alive, without a vault', () => {
  const entry = { id: '0a1b2c3d', made: 1_764_000_000, saved: 1_764_000_100, proved: null };

  function page(answers: Parameters<typeof fakeBackend>[0]) {
    const backend = fakeBackend({ kits: async () => [entry], ...answers });
    const protection = found({ state: 'kit_only', vault: 'not_used', last_proof: 1_764_000_000 });
    const [onchanged, onprotect] = [vi.fn(), vi.fn()];
    render(Recovery, { props: { status: { ...status, vault: null, passkeys: 0, kits: 1 }, protection, onchanged, onprotect }, ...within(backend) });
    return { backend, user: userEvent.setup(), onchanged, onprotect };
  }

  it('asks no vault, says when one is worth it, and leads to a code', async () => {
    const { user, onprotect } = page({});
    expect(screen.getByText(s.protection.states.kit_only[0])).toBeTruthy();
    expect(screen.getByText(s.recovery.addVaultText)).toBeTruthy();
    await user.click(button(s.recovery.addVault));
    expect(onprotect).toHaveBeenCalledWith('code');
  });

  it('proves it, and leaves what was typed when it does not open anything', async () => {
    let right = false;
    const drillKit = async () => {
      if (right) return { opened: ['/disk'], not_opened: [], not_reached: ['/other'] };
      throw { ...failure, code: 'wrong_key', happened: 'This key does not open your backups.' };
    };
    const { user, onchanged } = page({ drillKit });
    await user.click(await screen.findByText(s.kit.drill));
    const field = screen.getByLabelText<HTMLInputElement>(s.restore.offlineKey);
    await user.type(field, 'sick gown{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('does not open your backups');
    expect(field.value).toBe('sick gown');
    right = true;
    await user.click(button(s.kit.drillGo));
    expect(await screen.findByText(s.kit.drillGood(1))).toBeTruthy();
    expect(screen.getByText(s.kit.drillNotReached('/other'))).toBeTruthy();
    expect(onchanged).toHaveBeenCalledOnce();
    expect(screen.getByLabelText<HTMLInputElement>(s.restore.offlineKey).value).toBe('');
  });

  it('prints a new one and then asks what is to become of the old', async () => {
    const kit = newKit({ id: 'ffff0000' });
    const { user, backend } = page({ makeKit: async () => kit, removeKit: async () => [] });
    await user.click(await screen.findByRole('button', { name: s.kit.another }));
    const words = (await screen.findAllByTestId('kit-word')).map((word) => word.textContent ?? '');
    const fields = screen.getAllByLabelText<HTMLInputElement>(/^Word/);
    for (const field of fields) await user.type(field, words[Number(/\d+/.exec(field.labels?.[0]?.textContent ?? '')?.[0]) - 1] ?? '');
    await user.click(button(s.kit.finish));
    await user.click(await screen.findByRole('button', { name: s.kit.removeOld }));
    expect(backend.removeKit).toHaveBeenCalledWith(entry.id);
    expect(backend.removeKit).toHaveBeenCalledOnce();
  });

  it('takes one back only after its consequence was said', async () => {
    const { user, backend } = page({ removeKit: async () => ['The backup in /disk does not know it yet.'] });
    await user.click(await screen.findByRole('button', { name: /Take back the kit/ }));
    expect(screen.getByText(new RegExp(s.kit.removeSure.replace('?', '.')))).toBeTruthy();
    expect(backend.removeKit).not.toHaveBeenCalled();
    await user.click(button(s.kit.removeYes));
    expect(backend.removeKit).toHaveBeenCalledWith(entry.id);
    expect((await screen.findAllByText('The backup in /disk does not know it yet.')).length).toBeGreaterThan(0);
  });
});
