import { vi } from 'vitest';
import { BACKEND, type AppError, type Backend, type KitView, type MessageView, type Progress, type Protection, type Running, type SpreadView, type Tell } from '../src/backend/backend';

/** A generated code with right check symbols, and the same with one slip. */
export const RIGHT_CODE = '0000-0000-0000-0000';
export const SLIPPED_CODE = '0000-0000-0000-0001';

export const failure: AppError = {
  code: 'too_few_sites',
  happened: 'Only one site answered.',
  safe: 'Your backup was not changed.',
  next: 'wait_for_sites',
  tries_left: null,
};

export const FINGERPRINT = '0123-4567-89AB-CDEF';

/** Known at every site, or at some of them. */
export const everywhere: SpreadView = { acknowledged: 5, needed: 4, sites: 5, done: true };
export const atThree: SpreadView = { acknowledged: 3, needed: 4, sites: 5, done: false };

/** As it is found when nothing is wrong, unless a test says otherwise. */
export const found = (change: Partial<Protection> = {}): Protection => ({
  state: 'all_well',
  looked_at: 1_764_000_000,
  places: [],
  vault: 'good',
  vault_problem: null,
  unsaved_code: false,
  unsaved_kit: false,
  last_proof: null,
  drill_due: false,
  ...change,
});

const WORDS = 'sick gown industry style fly remember raven police popular shock pilot genuine miracle cable property acoustic resource lesson alone journey material siren nerve piece';

/** A kit of invented words, whose digits are theirs. */
export const newKit = (change: Partial<KitView> = {}): KitView => ({
  id: '0a1b2c3d',
  words: WORDS.split(' '),
  digits: 'c7cc a5cc ebe5 9f6b 6c9d 3da8 38ca 93b0 a8d6 3feb 1810 b790 0c1b bc38 8f92 e51d',
  places: ['/media/disk/Keepsake'],
  computer: 'laptop',
  made: 1_764_000_000,
  warnings: [],
  ...change,
});

type Fakes = { [K in keyof Backend]?: Backend[K] };

const quiet = { watchJobs: () => () => undefined, onCloseAsked: () => () => undefined };

/** A core that answers what a test says; whatever else is asked of it fails the test. */
export function fakeBackend(answers: Fakes = {}): Backend {
<<<<<<< HEAD
  const given = { ...quiet, onDrop: () => () => undefined, onBackedUp: () => () => undefined, watchedFolders: async () => ({ folders: [], offers: [] }), schedule: async () => 'day', backgroundMode: async () => ({ is_on: false, is_broken: false, by: 'systemd', files: [] }), protection: async () => found(), findBackups: async () => [], knownFleets: async () => [], kits: async () => [], confirmCode: async () => null, confirmKit: async () => null, lookAround: async () => [], sameChats: async () => [], computers: async () => ({ computers: [], not_seen: [] }), keyChangeGoingOn: async () => null, mediaUrl: (hash: string) => `media://localhost/${hash}`, ...answers };
=======
  const given = { ...quiet, onDrop: () => () => undefined, onBackedUp: () => () => undefined, schedule: async () => 'day', backgroundMode: async () => ({ is_on: false, is_broken: false, by: 'systemd', files: [] }), protection: async () => found(), findBackups: async () => [], onFleetLink: () => () => undefined, knownFleets: async () => [], kits: async () => [], confirmCode: async () => null, confirmKit: async () => null, lookAround: async () => [], sameChats: async () => [], computers: async () => ({ computers: [], not_seen: [] }), keyChangeGoingOn: async () => null, mediaUrl: (hash: string) => `media://localhost/${hash}`, ...answers };
>>>>>>> whole
  const spied = Object.fromEntries(Object.entries(given).map(([name, answer]) => [name, vi.fn(answer as () => unknown)]));
  return new Proxy(spied, {
    get(target, name: string) {
      if (name in target) return target[name];
      throw new Error(`the screen asked for ${name}, which this test does not expect`);
    },
  }) as unknown as Backend;
}

export const within = (backend: Backend) => ({ context: new Map([[BACKEND, backend]]) });

/** Long work that a test steers. */
export function steered<T>() {
  let tell: Tell = () => undefined;
  let finish!: (value: T) => void;
  let fail!: (error: AppError) => void;
  const stop = vi.fn();
  const result = new Promise<T>((resolve, reject) => ([finish, fail] = [resolve, reject]));
  const start = (told: Tell): Running<T> => {
    tell = told;
    return { result, stop };
  };
  return { start, stop, finish, fail, tell: (progress: Progress) => tell(progress) };
}

export const done = <T>(value: T): Running<T> => ({ result: Promise.resolve(value), stop: () => undefined });
export const failed = <T>(error: AppError): Running<T> => ({ result: Promise.reject(error), stop: () => undefined });

export function message(position: number, change: Partial<MessageView> = {}): MessageView {
  return {
    id: position + 1,
    position,
    sender: position % 2 ? 'Ada' : 'Ben',
    own: false,
    at: Date.UTC(2024, 2, 9, 12, position % 60),
    precision: 'minute',
    zone: 'local',
    kind: 'text',
    text: `message ${position}`,
    pieces: [],
    earlier: [],
    forwarded_from: null,
    notes: [],
    edited: false,
    edited_at: null,
    unsent: false,
    reply_to: null,
    reactions: [],
    attachments: [],
    ...change,
  };
}
