import { asAppError, type Backend } from '../../backend/backend';
import { s } from '../../strings';

/** What a person does with a file of a message, and how it went. */
export class AttachedFile {
  /** A sentence about the last thing that was done; empty before. */
  word = $state('');

  constructor(private backend: Backend) {}

  /** Asks where. */
  async save(hash: string, name: string): Promise<void> {
    const out = await this.backend.pickNew(s.chats.saveTitle, fileName(name));
    if (out !== null) await this.#try(() => this.backend.saveAttachment(hash, out), s.chats.saved(out));
  }

  /** In the system's program for it. */
  open(hash: string, name: string): Promise<void> {
    return this.#try(() => this.backend.openAttachment(hash, name), '');
  }

  async #try(what: () => Promise<unknown>, done: string): Promise<void> {
    this.word = '';
    try {
      await what();
      this.word = done;
    } catch (thrown) {
      const error = asAppError(thrown);
      this.word = `${error.happened} ${s.nextSteps[error.next]}`;
    }
  }
}

/** A name that no file system takes for a path. */
const fileName = (name: string): string => name.replace(/[\\/:*?"<>|]/g, '_') || 'file';
