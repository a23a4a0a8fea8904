import type { AppError } from '../backend/backend';

/** Tries left for a PIN: what the last refusal said, else what was known before. */
export const pinTries = (known: number | null, error: AppError | null): number | null =>
  error?.code === 'wrong_pin' && error.tries_left !== null ? error.tries_left : known;
