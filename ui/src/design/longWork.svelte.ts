import { asAppError, type AppError, type Progress, type Running, type Tell } from '../backend/backend';
import { Pace } from './pace';

/** One piece of long work as a screen shows it: where it is, how fast, how it ended. */
export class LongWork {
  running = $state(false);
  stopping = $state(false);
  progress = $state<Progress | null>(null);
  error = $state<AppError | null>(null);
  #stop: (() => void) | null = null;
  #pace = new Pace();

  /** Runs to the end. Undefined when it failed or was stopped; `error` then says why. */
  async run<T>(start: (tell: Tell) => Running<T>): Promise<T | undefined> {
    if (this.running) return undefined;
    this.running = true;
    this.stopping = false;
    this.error = null;
    this.progress = null;
    this.#pace = new Pace();
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
    return this.#pace.rate(this.progress);
  }

  #tell(progress: Progress): void {
    this.#pace.tell(progress);
    this.progress = progress;
  }
}
