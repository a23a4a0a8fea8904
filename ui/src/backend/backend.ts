import { getContext, setContext } from 'svelte';
import type {
  About,
  AppError,
  ArchiveCheck,
  ArchiveRepair,
  BackedUpChat,
  BackgroundMode,
  BackupDiff,
  BackupPreview,
  BackupReport,
  BackupStats,
  BackupVault,
  CheckReport,
  CodeStrength,
  Computers,
  ConversationView,
  DateOrder,
  DeletedChat,
  Detected,
  Every,
  ExportFormat,
  FleetReport,
  Forgotten,
  Handle,
  ImportReport,
  KeepPolicy,
  KeyChangeGoingOn,
  KeyChangePlan,
  KeyChangeReport,
  KnownPlace,
  MediaMonth,
  MediaView,
  MessageView,
  NewCode,
  OfflineVerify,
  PartOfSnapshot,
  PasskeyAdded,
  PasskeyOverview,
  PasskeyPlace,
  PasskeyRemoved,
  PasskeyUsed,
  Pending,
  PersonView,
  PlaceNow,
  PlaceView,
  Progress,
  PruneReport,
  Recovered,
  RepairReport,
  RestoreReport,
  RevealedCode,
  SameChat,
  SearchHit,
  SnapshotView,
  Status,
  TriesReset,
  VaultEvent,
  VaultStatus,
} from '../generated/bindings';

export type * from '../generated/bindings';

/** Hears where long work is. */
export type Tell = (progress: Progress) => void;

/** Long work on its way. `stop` asks; `result` then fails with the code `cancelled`. */
export interface Running<T> {
  result: Promise<T>;
  stop(): void;
}

/** Everything the window asks of the core. A place is a folder path or a `file://` URL. */
export interface Backend {
  about(): Promise<About>;
  status(): Promise<Status>;

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
  messages(conversation: number, from: number, count: number): Promise<MessageView[]>;
  positionAt(conversation: number, at: number): Promise<number>;
  search(query: string, conversation: number | null, limit: number): Promise<SearchHit[]>;
  mediaUrl(hash: string): string;
  /** Months of a chat that have files, the newest first. */
  mediaMonths(conversation: number): Promise<MediaMonth[]>;
  /** Files of a month, the newest first. */
  mediaOfMonth(conversation: number, month: string, from: number, count: number): Promise<MediaView[]>;
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

  codeStrength(code: string): Promise<CodeStrength>;
  enroll(fleetUrl: string, ownCode: string | null, tell: Tell): Running<NewCode>;
  rotateCode(ownCode: string | null, tell: Tell): Running<NewCode>;
  drill(code: string, tell: Tell): Running<Recovered>;
  /** All tries are back without a guess, by this computer's word. */
  resetTries(): Promise<TriesReset>;
  /** Goes on telling the sites what they do not know yet; gives what is left. Asks nobody if there is nothing. */
  carryOn(): Promise<Pending[]>;
  vaultStatus(): Promise<VaultStatus>;
  vaultEvents(): Promise<VaultEvent[]>;

  /** The computers that open the backups. */
  computers(): Promise<Computers>;
  keyChangeGoingOn(): Promise<KeyChangeGoingOn | null>;
  /** New ways in, which count for nothing yet. Without `remove` all other computers go. The caller wipes the code. */
  prepareKeyChange(remove: string | null, offlineKey: boolean, tell: Tell): Running<KeyChangePlan>;
  /** From then on the old key, code and passkeys open nothing new. */
  changeKey(tell: Tell): Running<KeyChangeReport>;
  giveUpKeyChange(): Promise<null>;

  passkeys(): Promise<PasskeyOverview>;
  /** `fleetUrl` is null once this computer has an account. */
  addPasskey(fleetUrl: string | null, place: PasskeyPlace, name: string, pin: string, tell: Tell): Running<PasskeyAdded>;
  renamePasskey(id: string, name: string): Promise<null>;
  /** `pin` for one kept on this computer; without it, everything about passkeys here goes. */
  removePasskey(id: string, pin: string | null, lastWayIn: boolean, tell: Tell): Running<PasskeyRemoved>;
  drillPasskey(id: string, pin: string, tell: Tell): Running<PasskeyUsed>;
  /** The caller wipes the code. */
  revealCode(id: string, pin: string, tell: Tell): Running<RevealedCode>;

  verifyFleet(fleetUrl: string): Promise<FleetReport>;
  /** With the evidence in a folder instead of the published one. */
  verifyFleetEvidence(fleetUrl: string, folder: string): Promise<FleetReport>;
  /** A signed bundle in a file, with what there is to verify it. Nothing is remembered. */
  verifyBundleFile(saved: OfflineVerify): Promise<FleetReport>;
  /** Asks where; a page if the name ends in .html, else JSON. Null if the person changed their mind. */
  saveFleetReport(report: FleetReport, title: string): Promise<string | null>;

  /** What the backup says of itself. Nobody is asked. */
  previewBackup(place: string): Promise<BackupPreview>;
  /** `fleet` is the sheet's address or fingerprint, as typed; null for the fleet of this computer's own account. */
  askVault(place: string, fleet: string | null): Promise<BackupVault>;
  recover(place: string, fleet: string | null, code: string, tell: Tell): Running<Recovered>;
  recoverWithPasskey(place: string, fleet: string | null, kept: PasskeyPlace, pin: string, tell: Tell): Running<PasskeyUsed>;
  /** Nobody is asked. */
  recoverWithOfflineKey(place: string, key: string): Promise<null>;
  /** Tries a place that is no folder, and stores the login. An empty name: what was stored is tried. */
  addPlace(place: string, name: string, secret: string): Promise<PlaceView>;
  backUp(place: string, tell: Tell): Running<BackupReport>;
  snapshots(place: string): Promise<SnapshotView[]>;
  checkBackup(place: string, readData: boolean, tell: Tell): Running<CheckReport>;
  restore(place: string, snapshot: string | null, tell: Tell): Running<RestoreReport>;
  restorePart(place: string, part: PartOfSnapshot, tell: Tell): Running<RestoreReport>;
  /** Whether the backup there answers now, what waits for it, and when the next one is made. */
  placeNow(place: string): Promise<PlaceNow>;
  /** What is backed up there stays. */
  forgetPlace(place: string): Promise<null>;
  /** The backup that was there is gone: the next one begins anew. Refused where a backup is. */
  startAnew(place: string): Promise<null>;
  /** Takes an older state than was seen, which the person put there. */
  acceptOlder(place: string): Promise<SnapshotView | null>;
  /** The chats of a snapshot; null for the newest. */
  browseBackup(place: string, snapshot: string | null): Promise<BackedUpChat[]>;
  backupStats(place: string): Promise<BackupStats>;
  diffBackup(place: string, from: string, to: string): Promise<BackupDiff>;
  /** With `dryRun` only says what would go. */
  pruneBackup(place: string, keep: KeepPolicy, dryRun: boolean, tell: Tell): Running<PruneReport>;
  repairBackup(place: string, tell: Tell): Running<RepairReport>;
  /** They stay on this computer. */
  forgetChats(place: string, chats: string[], tell: Tell): Running<Forgotten>;
  /** From this computer and from every backup that can be reached. */
  deleteChat(conversation: number, tell: Tell): Running<DeletedChat>;
  /** Calls back after each backup that was made, or failed, by itself, until the returned function is called. */
  onBackedUp(done: () => void): () => void;

  schedule(): Promise<Every>;
  setSchedule(every: Every): Promise<null>;
  backgroundMode(): Promise<BackgroundMode>;
  setBackground(on: boolean): Promise<BackgroundMode>;
  /** Plain text without names, paths and secrets. */
  diagnostics(): Promise<string>;
  checkArchive(tell: Tell): Running<ArchiveCheck>;
  repairArchive(tell: Tell): Running<ArchiveRepair>;
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

/** Something opens the backups when this computer is lost. */
export const hasWayBack = (status: Status): boolean => codeOf(status) !== null || status.passkeys > 0;

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
