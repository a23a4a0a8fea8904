import { asAppError, type AppError, type Progress, type Running, type Tell } from '../backend/backend';

/** Fewer seconds than this make a rate that jumps about. */
const SETTLE_SECONDS = 1.5;

/** One piece of long work as a screen shows it: where it is, how fast, how it ended. */
export class LongWork {
  running = $state(false);
  stopping = $state(false);
  progress = $state<Progress | null>(null);
  error = $state<AppError | null>(null);
  #stop: (() => void) | null = null;
  #began = 0;
  #phase = '';

  /** Runs to the end. Undefined when it failed or was stopped; `error` then says why. */
  async run<T>(start: (tell: Tell) => Running<T>): Promise<T | undefined> {
    if (this.running) return undefined;
    this.running = true;
    this.stopping = false;
    this.error = null;
    this.progress = null;
    this.#phase = '';
    try {
      const work = start((progress) => this.#tell(progress));
      this.#stop = () => work.stop();
      return await work.result;
    } catch (thrown) {
      this.error = asAppError(thrown);
      return undefined;
    } finally {
      this.running = false;
      this.#stop = null;
    }
  }

  stop(): void {
    this.stopping = true;
    this.#stop?.();
  }

  /** Units a second since this phase began; null until it is steady. */
  get rate(): number | null {
    const seconds = (Date.now() - this.#began) / 1000;
    if (!this.progress || seconds < SETTLE_SECONDS || this.progress.done === 0) return null;
    return this.progress.done / seconds;
  }

  #tell(progress: Progress): void {
    if (progress.what !== this.#phase) {
      this.#phase = progress.what;
      this.#began = Date.now();
    }
    this.progress = progress;
  }
}
