import type {
  ArchiveCheck,
  ArchiveRepair,
  BackedUpChat,
  BackgroundMode,
  BackupDiff,
  BackupReport,
  BackupStats,
  CheckReport,
  DeletedChat,
  Every,
  Forgotten,
  KeepPolicy,
  PartOfSnapshot,
  PlaceNow,
  PlaceView,
  PruneReport,
  RepairReport,
  RestoreReport,
  SnapshotView,
  Watched,
} from '../generated/bindings';
import type { Running, Tell } from './running';

/** Backups and what looks after them, for whoever asks the core. */
export interface BackupBackend {
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
  watchedFolders(): Promise<Watched>;
  /** New exports in it are offered, or imported if `byItself`. */
  watchFolder(path: string, byItself: boolean): Promise<Watched>;
  unwatchFolder(path: string): Promise<Watched>;
  /** It was imported, or is not wanted. */
  dismissOffer(path: string): Promise<Watched>;
  /** Plain text without names, paths and secrets. */
  diagnostics(): Promise<string>;
  checkArchive(tell: Tell): Running<ArchiveCheck>;
  repairArchive(tell: Tell): Running<ArchiveRepair>;
}
