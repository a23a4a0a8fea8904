import type { Progress } from '../generated/bindings';

/** Hears where long work is. */
export type Tell = (progress: Progress) => void;

/** Long work on its way. `stop` asks; `result` then fails with the code `cancelled`. */
export interface Running<T> {
  result: Promise<T>;
  stop(): void;
}
