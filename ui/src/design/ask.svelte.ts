import { asAppError, type AppError } from '../backend/backend';

/** One question to the core: waiting, answered or failed. A later question overtakes an earlier one. */
export class Ask<T> {
  waiting = $state(false);
  answer = $state.raw<T | null>(null);
  error = $state<AppError | null>(null);
  #asked = 0;

  async of(question: () => Promise<T>): Promise<T | null> {
    const turn = ++this.#asked;
    this.waiting = true;
    this.error = null;
    try {
      const answer = await question();
      if (turn === this.#asked) this.answer = answer;
      return answer;
    } catch (thrown) {
      if (turn === this.#asked) {
        this.error = asAppError(thrown);
        this.answer = null;
      }
      return null;
    } finally {
      if (turn === this.#asked) this.waiting = false;
    }
  }

  clear(): void {
    this.#asked++;
    this.waiting = false;
    this.answer = null;
    this.error = null;
  }
}
