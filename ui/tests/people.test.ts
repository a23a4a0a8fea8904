import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Handle, PersonView } from '../src/backend/backend';
import People from '../src/features/chats/People.svelte';
import { s } from '../src/strings';
import { failure, fakeBackend, within } from './fakeBackend';

const number: Handle = { messenger: 'whatsapp', key: '+49 170 1' };
const nele: Handle = { messenger: 'telegram', key: 'user7' };
const known = (handle: Handle, ...names: string[]) => ({ handle, names, chats: 1 });
const apart: PersonView[] = [
  { name: '+49 170 1', given: false, own: false, known_as: [known(number, '+49 170 1')] },
  { name: 'Nele', given: false, own: false, known_as: [known(nele, 'Nele')] },
];
const together: PersonView[] = [{ name: 'Nele', given: false, own: false, known_as: [known(nele, 'Nele'), known(number, '+49 170 1')] }];

describe('people', () => {
  it('links the two that were chosen, and undoes it', async () => {
    let all = apart;
    const backend = fakeBackend({
      people: async () => all,
      linkPeople: async () => ((all = together), null),
      partPeople: async () => ((all = apart), null),
    });
    const onchange = vi.fn();
    render(People, { props: { onchange }, ...within(backend) });
    const link = await screen.findByRole<HTMLButtonElement>('button', { name: s.people.link });
    await userEvent.click(await screen.findByLabelText('+49 170 1'));
    expect(link.disabled).toBe(true);
    await userEvent.click(screen.getByLabelText('Nele'));
    await userEvent.click(link);
    expect(backend.linkPeople).toHaveBeenCalledWith(number, nele);
    expect(await screen.findAllByRole('button', { name: s.people.unlink })).toHaveLength(2);
    await userEvent.click(screen.getByRole('button', { name: s.people.undo }));
    expect(backend.partPeople).toHaveBeenCalledWith(number, nele);
    expect(await screen.findByLabelText('+49 170 1')).toBeTruthy();
    expect(onchange).toHaveBeenCalledTimes(2);
  });

  it('gives a name, and says why it cannot', async () => {
    const namePerson = vi.fn().mockRejectedValueOnce(failure).mockResolvedValue(null);
    const backend = fakeBackend({ people: async () => apart, namePerson });
    render(People, { props: { onchange: () => undefined }, ...within(backend) });
    await userEvent.click(await screen.findByRole('button', { name: s.people.renameOf('+49 170 1') }));
    const field = screen.getByLabelText(s.people.name);
    await userEvent.clear(field);
    await userEvent.type(field, 'Mum{Enter}');
    expect(await screen.findByText(failure.happened)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: s.people.save }));
    expect(backend.namePerson).toHaveBeenLastCalledWith(number, 'Mum');
    await waitFor(() => expect(screen.queryByLabelText(s.people.name)).toBeNull());
  });

  it('finds by number, name or id', async () => {
    render(People, { props: { onchange: () => undefined }, ...within(fakeBackend({ people: async () => apart })) });
    await userEvent.type(await screen.findByLabelText(s.people.search), 'USER7');
    await waitFor(() => expect(screen.queryByLabelText('+49 170 1')).toBeNull());
    expect(screen.getByLabelText('Nele')).toBeTruthy();
  });
});
