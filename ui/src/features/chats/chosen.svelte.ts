import { SvelteMap } from 'svelte/reactivity';
import { asAppError, type Backend, type MessageView } from '../../backend/backend';
import { s } from '../../strings';
import { inText } from './inText';

/** Messages that a person has chosen, by their numbers; null while nothing is being chosen. */
export class Chosen {
  active = $state(false);
  messages = new SvelteMap<number, MessageView>();
  /** A sentence about what was done with them last. */
  word = $state('');

  constructor(private backend: Backend) {}

  begin(first?: MessageView): void {
    this.end();
    this.active = true;
    if (first) this.messages.set(first.id, first);
  }

  toggle(message: MessageView): void {
    if (!this.messages.delete(message.id)) this.messages.set(message.id, message);
  }

  end(): void {
    this.active = false;
    this.word = '';
    this.messages.clear();
  }

  /** As lines of text, in order of time. */
  get text(): string {
    const inOrder = [...this.messages.values()].sort((a, b) => a.position - b.position);
    return inOrder.map(inText).join('\n');
  }

  async copy(): Promise<void> {
    await this.#do(() => navigator.clipboard.writeText(this.text), s.action.copied);
  }

  /** Asks where. */
  async save(): Promise<void> {
    const out = await this.backend.pickNew(s.chats.exportTo, s.chats.chosenFile);
    if (out === null) return;
    const many = this.messages.size;
    await this.#do(() => this.backend.saveText(out, `${this.text}\n`), s.chats.exported(many, out));
  }

  async #do(what: () => Promise<unknown>, done: string): Promise<void> {
    try {
      await what();
      this.word = done;
    } catch (thrown) {
      const error = asAppError(thrown);
      this.word = `${error.happened} ${s.nextSteps[error.next]}`;
    }
  }
}
