import { getContext, setContext } from 'svelte';
import type {
  About,
  AppError,
  BackupPreview,
  BackupVault,
  ChatNumbers,
  ConversationView,
  DateOrder,
  Detected,
  ExportFormat,
  FleetReport,
  FoundBackup,
  FoundPage,
  Handle,
  ImportReport,
  KnownPlace,
  MediaMonth,
  MediaPlace,
  MessageInfo,
  MessageView,
  OfflineVerify,
  PasskeyPlace,
  PasskeyUsed,
  PersonView,
  Progress,
  Recovered,
  RunningJob,
  SameChat,
  ShelfPlace,
  Status,
  Wanted,
} from '../generated/bindings';
import type { BackupBackend } from './backups';
import type { Running, Tell } from './running';
import type { WaysBack } from './waysBack';

export type * from '../generated/bindings';
export type { Running, Tell } from './running';

/** What the core says of long work, whichever page began it. */
export interface JobNews {
  /** Once, when a page begins to listen: what runs already, and whether the page before this one died. */
  resumed(running: RunningJob[], afterDeath: boolean): void;
  began(job: number, work: string): void;
  told(job: number, progress: Progress): void;
  /** `error` is null when it is done. */
  ended(job: number, error: AppError | null): void;
}

/** Everything the window asks of the core. A place is a folder path or a `file://` URL. */
export interface Backend extends BackupBackend, WaysBack {
  about(): Promise<About>;
  status(): Promise<Status>;

  /** Tells of all long work until the returned function is called. */
  watchJobs(news: JobNews): () => void;
  /** Asks a job to stop at its next safe point. */
  stopJob(job: number): void;
  /** Calls back when the person wants to close the window while work runs. */
  onCloseAsked(asked: () => void): () => void;
  /** Without a question. */
  closeWindow(): Promise<null>;

  /** Where installed messengers keep chats; nothing there is read. */
  lookAround(): Promise<KnownPlace[]>;
  /** `key`, or a phone's key file, opens an export that its messenger encrypted. */
  detect(path: string, key: string | null, keyFile: string | null): Promise<Detected>;
  importChats(path: string, dateOrder: DateOrder | null, key: string | null, keyFile: string | null, tell: Tell): Running<ImportReport>;
  pickFile(title: string): Promise<string | null>;
  pickFolder(title: string): Promise<string | null>;
  /** Calls back with the paths dropped on the window until the returned function is called. */
  onDrop(dropped: (paths: string[]) => void, over: (inside: boolean) => void): () => void;

  conversations(): Promise<ConversationView[]>;
  /** Which of a chat's people is the owner, or null for none; `everywhere`: in this messenger's other chats too. */
  setOwner(conversation: number, person: string | null, everywhere: boolean): Promise<null>;
  /** Chats that may be, or are shown as, one. */
  sameChats(): Promise<SameChat[]>;
  uniteChats(a: number, b: number): Promise<number>;
  keepChatsApart(a: number, b: number): Promise<null>;
  /** Into the exports of which it was made. */
  separateChat(conversation: number): Promise<number[]>;
  /** `words` are marked in the messages; empty for none. */
  messages(conversation: number, from: number, count: number, words: string): Promise<MessageView[]>;
  positionAt(conversation: number, at: number): Promise<number>;
  /** Hits number `from` on, the newest first. */
  find(wanted: Wanted, from: number, count: number): Promise<FoundPage>;
  shelveChat(conversation: number, place: ShelfPlace): Promise<null>;
  messageInfo(message: number): Promise<MessageInfo>;
  chatNumbers(conversation: number): Promise<ChatNumbers>;
  /** With `edge`, a large picture comes with no edge longer than so many pixels. */
  mediaUrl(hash: string, edge?: number): string;
  /** The next newer picture or video of the chat, or the next older; null at the end. */
  neighbourMedia(message: number, ordinal: number, newer: boolean): Promise<MediaPlace | null>;
  saveAttachment(hash: string, out: string): Promise<null>;
  saveText(out: string, text: string): Promise<null>;
  /** In the system's program for it. */
  openAttachment(hash: string, name: string): Promise<null>;
  /** In the system's browser, after the person has seen where it leads. */
  openLink(address: string): Promise<null>;
  /** Months of a chat that have files, the newest first. */
  mediaMonths(conversation: number): Promise<MediaMonth[]>;
  /** Files of a month, the newest first. */
  mediaOfMonth(conversation: number, month: string, from: number, count: number): Promise<MediaPlace[]>;
  /** Where a new file or folder is to be; null if the person changed their mind. */
  pickNew(title: string, name: string): Promise<string | null>;
  /** Writes a chat, or its messages from one moment to before another; gives their number. */
  exportChat(conversation: number, format: ExportFormat, from: number | null, until: number | null, out: string, tell: Tell): Running<number>;

  people(): Promise<PersonView[]>;
  /** Two are one person; `partPeople` undoes it. */
  linkPeople(a: Handle, b: Handle): Promise<null>;
  partPeople(a: Handle, b: Handle): Promise<null>;
  /** A handle becomes a person of its own. */
  unlinkPerson(handle: Handle): Promise<null>;
  /** Null takes the name back. */
  namePerson(handle: Handle, name: string | null): Promise<null>;

  verifyFleet(fleetUrl: string): Promise<FleetReport>;
  /** With the evidence in a folder instead of the published one. */
  verifyFleetEvidence(fleetUrl: string, folder: string): Promise<FleetReport>;
  /** A signed bundle in a file, with what there is to verify it. Nothing is remembered. */
  verifyBundleFile(saved: OfflineVerify): Promise<FleetReport>;
  /** Asks where; a page if the name ends in .html, else JSON. Null if the person changed their mind. */
  saveFleetReport(report: FleetReport, title: string): Promise<string | null>;

  /** Backups that this computer knows or that are on its disks. Nobody is asked. */
  findBackups(): Promise<FoundBackup[]>;
  /** What the backup says of itself. Nobody is asked. */
  previewBackup(place: string): Promise<BackupPreview>;
  /** `fleet` is the sheet's address or fingerprint, as typed; null for the fleet of this computer's own account. */
  askVault(place: string, fleet: string | null): Promise<BackupVault>;
  recover(place: string, fleet: string | null, code: string, tell: Tell): Running<Recovered>;
  recoverWithPasskey(place: string, fleet: string | null, kept: PasskeyPlace, pin: string, tell: Tell): Running<PasskeyUsed>;
  /** Nobody is asked. */
  recoverWithOfflineKey(place: string, key: string): Promise<null>;
}

export const BACKEND = Symbol('backend');

export function provideBackend(backend: Backend): void {
  setContext(BACKEND, backend);
}

export function useBackend(): Backend {
  return getContext<Backend>(BACKEND);
}

/** The recovery code that this computer knows; null when there are at most passkeys. */
export const codeOf = (status: Status) => (status.vault && status.vault.code_version > 0 ? status.vault : null);

/** This computer's account is at a vault, which may be asked. */
export const usesVault = (status: Status): boolean => codeOf(status) !== null || status.passkeys > 0;

/** What the vault showed was refused: no code may be typed for it. */
export const isDistrust = (error: AppError | null): boolean =>
  error !== null && ['do_not_type_code', 'ask_auditor', 'verify_fleet_again'].includes(error.next);

/** The vault could not be asked, and may be later. */
export const isAway = (error: AppError | null): boolean =>
  error !== null && ['too_few_sites', 'unreachable', 'no_evidence'].includes(error.code);

/** Whatever was thrown, as an error in three parts. */
export function asAppError(thrown: unknown): AppError {
  if (typeof thrown === 'object' && thrown !== null && 'happened' in thrown && 'next' in thrown) {
    return thrown as AppError;
  }
  return {
    code: 'unexpected',
    happened: thrown instanceof Error ? thrown.message : String(thrown),
    safe: 'Your chats and backups were not changed by this.',
    next: 'try_again',
    tries_left: null,
  };
}
