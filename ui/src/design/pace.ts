import type { Progress } from '../backend/backend';

/** Fewer seconds than this make a rate that jumps about. */
const SETTLE_SECONDS = 1.5;

/** How fast work goes on: each phase is measured by itself. */
export class Pace {
  #began = 0;
  #phase: string | null = null;

  tell(progress: Progress, now = Date.now()): void {
    if (progress.what === this.#phase) return;
    this.#phase = progress.what;
    this.#began = now;
  }

  /** Units a second; null until it is steady. */
  rate(progress: Progress | null, now = Date.now()): number | null {
    const seconds = (now - this.#began) / 1000;
    if (!progress || seconds < SETTLE_SECONDS || progress.done === 0) return null;
    return progress.done / seconds;
  }

  /** Seconds that are left; null where nobody knows. */
  left(progress: Progress | null, now = Date.now()): number | null {
    const rate = this.rate(progress, now);
    if (rate === null || !progress?.total) return null;
    return (progress.total - progress.done) / rate;
  }
}
