import type {
  CodeStrength,
  Computers,
  KeyChangeGoingOn,
  KeyChangePlan,
  KeyChangeReport,
  KitDrill,
  KitEntry,
  KitView,
  KnownFleet,
  NewCode,
  PasskeyAdded,
  PasskeyOverview,
  PasskeyPlace,
  PasskeyRemoved,
  PasskeyUsed,
  Pending,
  Protection,
  Recovered,
  RevealedCode,
  SpreadView,
  TriesReset,
  VaultEvent,
  VaultStatus,
} from '../generated/bindings';
import type { Running, Tell } from './running';

/** What opens a backup elsewhere: kits, codes, passkeys, and who may open it. */
export interface WaysBack {
  /** How well the chats are protected. Every place is looked at now, and the vault asked. */
  protection(): Promise<Protection>;
  dismissDrillReminder(): Promise<null>;
  /** Shown once: the caller wipes it. It counts once it was confirmed. */
  makeKit(): Promise<KitView>;
  /** Some of its words were typed from paper. */
  confirmKit(id: string): Promise<null>;
  /** Gives the backups that could not be changed now. */
  removeKit(id: string): Promise<string[]>;
  kits(): Promise<KitEntry[]>;
  drillKit(key: string): Promise<KitDrill>;
  /** The code that was just made was typed from paper. */
  confirmCode(): Promise<null>;
  /** Undoes the registration of a code that nobody has on paper. */
  discardCode(): Promise<SpreadView | null>;
  /** Vaults that somebody named for this computer. */
  knownFleets(): Promise<KnownFleet[]>;
  /** Calls back with a fleet's address when a link to it is opened, until the returned function is called. */
  onFleetLink(opened: (fleetUrl: string) => void): () => void;

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
}
