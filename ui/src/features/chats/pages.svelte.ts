import { SvelteMap } from 'svelte/reactivity';
import { asAppError, type AppError, type Backend, type MessageView } from '../../backend/backend';

/** Messages asked for at once. */
const PAGE = 100;
/** Pages kept: what is far away is asked for again. */
const KEPT = 20;

/** One conversation's messages, fetched a page at a time as they come into sight. */
export class Pages {
  error = $state<AppError | null>(null);
  #pages = new SvelteMap<number, MessageView[]>();
  // Not shown anywhere, so not reactive.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  #asked = new Set<number>();
  /** Marked in the messages. */
  #words = '';

  constructor(
    private backend: Backend,
    private conversation: number,
  ) {}

  at(position: number): MessageView | undefined {
    return this.#pages.get(Math.floor(position / PAGE))?.[position % PAGE];
  }

  /** Fetches what is missing of `first..end`. */
  async need(first: number, end: number): Promise<void> {
    const wanted: number[] = [];
    for (let page = Math.floor(first / PAGE); page * PAGE < end; page++) wanted.push(page);
    await Promise.all(wanted.filter((page) => !this.#asked.has(page)).map((page) => this.#fetch(page)));
    this.#forget(wanted);
  }

  /** Marks other words. What is in sight stays until it comes anew. */
  async mark(words: string, first: number, end: number): Promise<void> {
    if (words === this.#words) return;
    this.#words = words;
    this.#asked.clear();
    await this.need(first, end);
    for (const page of [...this.#pages.keys()]) if (!this.#asked.has(page)) this.#pages.delete(page);
  }

  async #fetch(page: number): Promise<void> {
    const words = this.#words;
    this.#asked.add(page);
    try {
      const messages = await this.backend.messages(this.conversation, page * PAGE, PAGE, words);
      if (words === this.#words) this.#pages.set(page, messages);
      this.error = null;
    } catch (thrown) {
      this.#asked.delete(page);
      this.error = asAppError(thrown);
    }
  }

  #forget(wanted: number[]): void {
    const middle = wanted[Math.floor(wanted.length / 2)] ?? 0;
    const farFirst = [...this.#pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const page of farFirst.slice(0, Math.max(0, farFirst.length - KEPT))) {
      this.#pages.delete(page);
      this.#asked.delete(page);
    }
  }
}
