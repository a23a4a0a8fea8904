import type { Backend, ConversationView, FileKind, Wanted } from '../../backend/backend';
import { startOfDay } from './clock';

/** What is searched beside words. */
export interface Filters {
  person: string;
  /** Days as a date field has them; empty for none. */
  from: string;
  until: string;
  file: FileKind | 'any' | '';
  onlyHere: boolean;
}

/** Where a chat is shown: a new object shows it again. */
export interface Target {
  position: number;
  /** With a ring around it, in the middle. */
  mark: boolean;
}

const NO_FILTERS: Filters = { person: '', from: '', until: '', file: '', onlyHere: false };
const DAY_MS = 86_400_000;

/** Where a person was in the chats: it outlives the screen, as long as the window is open. */
export class Reading {
  open = $state.raw<ConversationView | null>(null);
  target = $state.raw<Target | null>(null);
  view = $state<'messages' | 'media' | 'export' | 'numbers'>('messages');
  people = $state(false);
  query = $state('');
  filters = $state<Filters>({ ...NO_FILTERS });
  /** Words that are looked for in the open chat; null while nobody looks. */
  find = $state<string | null>(null);
  /** Of the list of chats. */
  source = $state('');
  archived = $state(false);
  /** The first message in sight. Shown nowhere, so not reactive. */
  seen: number | null = null;

  show(conversation: ConversationView, target: Target | null = null): void {
    this.open = conversation;
    this.target = target;
    this.view = 'messages';
    this.people = false;
    this.seen = null;
    this.find = null;
  }

  goTo(position: number, mark = true): void {
    this.target = { position, mark };
    this.view = 'messages';
  }

  /** The screen is opened again: where it was left. */
  comeBack(): void {
    if (this.open && this.seen !== null) this.target = { position: this.seen, mark: false };
  }

  get searching(): boolean {
    const { person, from, until, file } = this.filters;
    return [this.query, person, from, until, file].some((one) => one.trim() !== '');
  }

  get wanted(): Wanted {
    const { person, from, until, file, onlyHere } = this.filters;
    const day = (field: string) => (field === '' ? null : startOfDay(field, 'UTC'));
    const last = day(until);
    return {
      words: this.query.trim(),
      conversation: onlyHere ? (this.open?.id ?? null) : null,
      person: person.trim() || null,
      from: day(from),
      until: last === null ? null : last + DAY_MS,
      with_file: file === 'any',
      file: file === '' || file === 'any' ? null : file,
    };
  }

  clearSearch(): void {
    this.query = '';
    this.filters = { ...NO_FILTERS };
  }
}

// One for each window; a test has a window of its own.
const readings = new WeakMap<Backend, Reading>();

export function readingOf(backend: Backend): Reading {
  const known = readings.get(backend) ?? new Reading();
  readings.set(backend, known);
  return known;
}
