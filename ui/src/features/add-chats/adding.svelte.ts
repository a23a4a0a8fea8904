import type { Backend, DateOrder, Detected, ImportReport } from '../../backend/backend';
import { Ask } from '../../design/ask.svelte';
import { LongWork } from '../../design/longWork.svelte';

/** Exports that are being added, and what came of those before: it outlives the screen. */
export class Adding {
  readonly found = new Ask<Detected>();
  readonly work = new LongWork();
  path = $state('');
  /** What `found` is about. */
  looked = $state('');
  dateOrder = $state<DateOrder | 'auto'>('auto');
  /** Dropped together with the one that is looked at. */
  waiting = $state.raw<string[]>([]);
  /** What was added since the window was opened, the newest first. */
  added = $state.raw<{ name: string; report: ImportReport }[]>([]);
  /** Typed for the export that is looked at, and for no other. */
  key = $state('');
  /** Chosen in place of a key, for the same export. */
  keyFile = $state<string | null>(null);

  constructor(private backend: Backend) {}

  get needsKey(): boolean {
    return ['export_key_needed', 'export_key_wrong'].includes(this.found.error?.code ?? '');
  }

  lookAtAll(paths: string[]): void {
    if (this.work.running || paths[0] === undefined) return;
    this.waiting = paths.slice(1);
    this.look(paths[0]);
  }

  look(at: string): void {
    if (this.work.running) return;
    this.forgetKey();
    this.path = at;
    this.dateOrder = 'auto';
    this.#lookInto(at);
  }

  openWithKey(): void {
    this.keyFile = null;
    this.#lookInto(this.looked);
  }

  openWithFile(file: string): void {
    this.key = '';
    this.keyFile = file;
    this.#lookInto(this.looked);
  }

  /** Adds what was looked at, then looks at the next. Null when it failed or was stopped. */
  async add(): Promise<ImportReport | null> {
    const { looked, key, keyFile } = this;
    const order = this.dateOrder === 'auto' ? null : this.dateOrder;
    const report = await this.work.run((tell) => this.backend.importChats(looked, order, key === '' ? null : key, keyFile, tell));
    if (!report) return null;
    this.forgetKey();
    this.added = [{ name: nameOf(looked), report }, ...this.added];
    this.found.clear();
    this.path = '';
    this.#next();
    return report;
  }

  /** Leaves the one that is looked at out. */
  skip(): void {
    this.forgetKey();
    this.found.clear();
    this.work.error = null;
    this.path = '';
    this.#next();
  }

  forgetKey(): void {
    this.key = '';
    this.keyFile = null;
  }

  #next(): void {
    const [next, ...rest] = this.waiting;
    this.waiting = rest;
    if (next !== undefined) this.look(next);
  }

  #lookInto(at: string): void {
    this.looked = at;
    this.work.error = null;
    const { key, keyFile } = this;
    void this.found.of(() => this.backend.detect(at, key === '' ? null : key, keyFile));
  }
}

/** The last part of a path. */
export const nameOf = (path: string): string => path.split(/[\\/]/).filter(Boolean).pop() ?? path;

// One for each window; a test has a window of its own.
const all = new WeakMap<Backend, Adding>();

export function addingOf(backend: Backend): Adding {
  const known = all.get(backend) ?? new Adding(backend);
  all.set(backend, known);
  return known;
}
