import type { AppError } from '../../backend/backend';

/** What has to stay on screen when what it is about is gone from the list. */
export interface Told {
  text?: string;
  warnings?: string[];
  mock?: boolean;
  error?: AppError;
}

/** Refusals after which the list is another one. */
const LIST_CHANGED = ['pin_wiped', 'passkey_removed', 'passkeys_changed'];

export const outlives = (error: AppError | null): boolean => error !== null && LIST_CHANGED.includes(error.code);
