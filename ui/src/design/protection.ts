import type { Protection, ProtectionState } from '../backend/backend';
import { s } from '../strings';

/** What has to be said wherever the person is. */
export const GRAVE: ProtectionState[] = [
  'no_backup',
  'place_gone',
  'place_read_only',
  'place_damaged',
  'only_this_computer',
  'unsaved',
  'passkey_here_only',
  'vault_distrusted',
];

/** Where a person mends it. */
export type Remedy = 'setup' | 'make' | 'look' | 'backup' | 'recovery' | null;

const REMEDIES: Record<ProtectionState, Remedy> = {
  no_backup: 'setup',
  place_gone: 'look',
  place_read_only: 'backup',
  place_damaged: 'backup',
  only_this_computer: 'make',
  unsaved: 'recovery',
  passkey_here_only: 'make',
  vault_distrusted: 'recovery',
  vault_away: 'look',
  kit_only: null,
  all_well: null,
};

export const remedy = (state: ProtectionState): Remedy => REMEDIES[state];

/** What is so, and what it means. */
export function headline({ state, places }: Protection): [string, string] {
  const [what, then] = s.protection.states[state];
  const several = places.some((place) => place.computers > 1);
  return [state === 'only_this_computer' && several ? s.protection.only_computers : what, then];
}
