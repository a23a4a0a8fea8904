//! What the app tells its shells: plain values that the window and `--json` both show.
//!
//! No value here is a secret, but for [`NewCode`], which is shown once.

mod passkeys;

pub use passkeys::*;

use serde::{Deserialize, Serialize};
use specta::Type;

/// A file or folder that might hold an export.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Detected {
    /// `whatsapp`, `telegram`, …
    pub kind: String,
    /// What it was recognised by, in words.
    pub reason: String,
    pub conversations: Vec<String>,
    /// The dates can be read in two ways: the import asks for their order.
    pub needs_date_order: bool,
    /// What looks like an export and cannot be read.
    pub refused: Vec<RefusedExport>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct RefusedExport {
    pub name: String,
    pub reason: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub struct ImportReport {
    pub kind: String,
    pub conversations: u64,
    /// New messages; what was there already is in `updated` and `duplicates_skipped`.
    pub messages: u64,
    /// Known messages that gained something: an edit, a file, a reaction.
    pub updated: u64,
    pub duplicates_skipped: u64,
    /// Of all of these, what the messenger itself said.
    pub system_lines: u64,
    pub attachments: u64,
    /// Files that were missing here before.
    pub attachments_appeared: u64,
    pub missing: Vec<MissingAttachment>,
    /// Files that no message names; they are in the archive.
    pub unclaimed_files: u64,
    pub files_in_export: u64,
    /// Files beside the export that are no part of it.
    pub files_beside: u64,
    /// What was not understood, by kind; it is in the archive as it was.
    pub not_understood: Vec<CountedKind>,
    /// Exports in the folder that could not be read.
    pub refused: Vec<RefusedExport>,
    /// Chats in which nobody is known to be the owner of this archive.
    pub owner_unknown: Vec<Unknown>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct CountedKind {
    pub kind: String,
    pub count: u64,
}

/// Two chats that may be, or are, the same.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct SameChat {
    pub a: i64,
    pub a_title: String,
    /// The same number as `a` once they are one.
    pub b: i64,
    pub b_title: String,
    /// They are shown as one.
    pub united: bool,
    /// The owner said so, as opposed to the program.
    pub by_owner: bool,
    /// Why, in words.
    pub evidence: String,
}

/// A chat, and the people of whom one may be the owner.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Unknown {
    pub conversation: i64,
    pub title: String,
    pub people: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct MissingAttachment {
    pub conversation: String,
    pub name: String,
    pub reason: String,
}

/// How a time was written in the export, so that nothing more exact is shown than is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TimePrecision {
    Minute,
    Second,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ConversationView {
    pub id: i64,
    pub source: String,
    pub title: String,
    pub group: bool,
    pub participants: Vec<String>,
    /// Who of them is the owner of this archive.
    pub owner: Option<String>,
    pub messages: u64,
    pub attachments: u64,
    /// Files that no message names.
    pub unclaimed_files: u64,
    /// Unix milliseconds of the newest message.
    pub last_at: Option<i64>,
    /// As in [`MessageView`].
    pub last_zone: String,
    pub last_text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct MessageView {
    pub id: i64,
    /// Place within the conversation, from 0.
    pub position: u64,
    /// None for a system line.
    pub sender: Option<String>,
    /// The computer's owner wrote it, where the export tells.
    pub own: bool,
    /// Unix milliseconds; local time of the export where it names no zone.
    pub at: i64,
    pub precision: TimePrecision,
    /// `local`: the wall clock of the export, whose zone nobody knows; or `utc`.
    pub zone: String,
    /// `text`, `media`, `system` or `unknown`.
    pub kind: String,
    pub text: String,
    /// Earlier wordings, oldest first.
    pub earlier: Vec<String>,
    /// Original author; empty if forwarded and nobody knows from whom.
    pub forwarded_from: Option<String>,
    /// `by a bot`, signatures, topics: what few messages have, in words.
    pub notes: Vec<String>,
    pub edited: bool,
    pub unsent: bool,
    pub reply_to: Option<ReplyView>,
    pub reactions: Vec<ReactionView>,
    pub attachments: Vec<AttachmentView>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ReplyView {
    pub sender: Option<String>,
    pub text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ReactionView {
    pub emoji: String,
    pub by: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct AttachmentView {
    pub name: String,
    pub mime: String,
    pub size: u64,
    /// Hex content hash; none when the file is missing.
    pub hash: Option<String>,
    pub missing: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct SearchHit {
    pub conversation: i64,
    pub conversation_title: String,
    pub message: MessageView,
    pub snippet: Vec<SnippetPart>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SnippetPart {
    pub text: String,
    pub hit: bool,
}

/// Everything the first page of the app shows.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Status {
    pub conversations: u64,
    pub messages: u64,
    pub attachments: u64,
    pub missing_attachments: u64,
    /// Where this computer's key is: `keyring`, or `file` with the warning that goes with it.
    pub device_key: String,
    pub vault: Option<VaultSummary>,
    /// Passkeys that open the backups from this computer's account.
    pub passkeys: u32,
    pub backups: Vec<BackupPlace>,
}

/// What this computer remembers of the vault; no site is asked.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct VaultSummary {
    pub fleet_url: String,
    pub fleet_id: String,
    pub epoch: u64,
    pub mock: bool,
    /// 0: no code is known here; passkeys are the ways in.
    pub code_version: u32,
    /// The code was generated by the app (and has a checksum), not chosen.
    pub generated_code: bool,
    /// Why the code opens nothing any more, as far as this computer knows; none while it is good.
    pub warning: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BackupPlace {
    pub url: String,
    /// Unix seconds of the last backup made from this computer.
    pub last_backup: Option<i64>,
    /// Changed records that are not in that backup yet.
    pub pending_changes: u64,
}

/// The account as the sites report it.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct VaultStatus {
    pub fleet_id: String,
    pub epoch: u64,
    pub mock: bool,
    pub tries_left: u8,
    pub max_tries: u8,
    /// Seconds until the next try is allowed.
    pub wait_seconds: u64,
    pub destroyed: bool,
    pub code_version: u32,
    /// The vault holds another code than this computer knows.
    pub warning: Option<String>,
    /// Passkeys that the fleet keeps for the account. With `code_version` 0 they are the only ways in.
    pub passkeys: u32,
    pub sites: Vec<SiteStatus>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct SiteStatus {
    pub index: u8,
    pub region: String,
    pub endpoint: String,
    pub serial: u32,
    pub reachable: bool,
    pub problem: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct VaultEvent {
    /// Unix seconds.
    pub at: u64,
    /// Stable: `registered`, `replaced`, `tried`, `confirmed`, `destroyed`, `removed`, `passkey_added`, `passkey_used`,
    /// `passkey_removed`, `passkey_refused`.
    pub kind: String,
    pub text: String,
}

/// A code that was just made. Shown once; the caller wipes it.
#[derive(Serialize, Type)]
pub struct NewCode {
    /// Grouped for reading; none when the person chose their own.
    pub code: Option<String>,
    pub fleet_url: String,
    pub account: String,
    pub version: u32,
    pub mock: bool,
    pub sites_registered: u8,
    /// What else the person has to know: a backup that does not know the code yet, sites that were away.
    pub warnings: Vec<String>,
}

/// How strong a chosen code is, before it is used.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct CodeStrength {
    /// 0 (guessed at once) to 4.
    pub score: u8,
    pub acceptable: bool,
    pub advice: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Recovered {
    /// 0: the code was right. Tries are back to the full count when `confirmed`.
    pub tries_left: u8,
    /// Enough sites confirmed, so the count is reset.
    pub confirmed: bool,
    pub sites_answered: u8,
    pub sites: u8,
    pub mock: bool,
    /// Wall time of the conversation with the fleet.
    pub milliseconds: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BackupReport {
    pub url: String,
    pub snapshot: String,
    pub unchanged: bool,
    pub new_messages: u64,
    pub new_media: u64,
    /// Attachments whose files are gone from this computer: they are in no backup.
    pub missing_media: u64,
    pub bytes_read: u64,
    pub bytes_written: u64,
    pub seconds: f64,
    /// What of the backup itself was found lost or damaged: a repair comes next.
    pub damage: Vec<String>,
    /// Ways back into this backup: `recovery_code`, `offline_key`, …
    pub ways_back: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct SnapshotView {
    pub id: String,
    pub sequence: u64,
    /// Unix seconds.
    pub at: i64,
    pub computer: String,
    pub records: u64,
    pub media: u64,
    /// Attachments that were gone from the computers when they were backed up.
    pub missing_media: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct CheckReport {
    pub snapshots: u64,
    pub packs: u64,
    pub bytes_read: u64,
    pub all_data_read: bool,
    /// Packs of a backup that was stopped: the next backup uses what is in them, a prune frees them.
    pub stray_packs: u64,
    pub stray_bytes: u64,
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct RestoreReport {
    pub snapshot: String,
    pub conversations: u64,
    pub messages: u64,
    pub media: u64,
    /// Messages that were here already and were left alone.
    pub kept: u64,
    pub seconds: f64,
    /// What could not be restored; everything else was.
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PruneReport {
    pub snapshots_removed: u64,
    pub bytes_freed: u64,
}

/// A key that was just made. Shown once; the caller wipes it.
#[derive(Serialize, Type)]
pub struct OfflineKeyView {
    /// 64 hex digits, grouped for reading.
    pub key: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct DecryptReport {
    pub snapshot: String,
    pub records: u64,
    pub media: u64,
    /// What could not be decrypted; everything else was.
    pub problems: Vec<String>,
}

/// What can be learned of a backup before it is opened.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BackupPreview {
    pub url: String,
    pub ways_back: Vec<String>,
    pub fleet_url: Option<String>,
    pub fleet_id: Option<String>,
    pub mock: bool,
    pub generated_code: bool,
    /// Where passkeys that open it are kept, each place once.
    pub passkey_places: Vec<PasskeyPlace>,
    /// None when the fleet could not be asked.
    pub tries_left: Option<u8>,
    pub wait_seconds: u64,
    pub problem: Option<String>,
}

/// The verdict on a fleet, check by check.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct FleetReport {
    pub trusted: bool,
    /// One sentence for a person; says MOCK for mock hardware.
    pub verdict: String,
    pub mock: bool,
    pub url: Option<String>,
    /// Id of the trust document that all this was verified with: the part after # in the fleet's address.
    pub trust: String,
    pub namespace: String,
    pub fleet_id: String,
    pub epoch: u64,
    pub threshold: u8,
    pub not_after: u64,
    pub sites: Vec<SiteStatus>,
    pub checks: Vec<CheckView>,
    /// Id of the bundle; empty if it could not be read.
    pub bundle: String,
    /// Unix seconds of this verification.
    pub checked_at: u64,
    /// None: no evidence was looked for.
    pub evidence: Option<EvidenceView>,
    /// The running sites were asked (checks C1 to C3).
    pub asked_sites: bool,
    /// What changed while this computer watched, oldest first.
    pub changes: Vec<FleetChangeView>,
    /// What a person can do; empty if there is nothing to do.
    pub next: String,
}

/// Where evidence came from.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct EvidenceView {
    /// An address or a folder.
    pub source: String,
    pub files: u32,
    /// Why it could not be examined.
    pub problem: Option<String>,
}

/// The step from one epoch of a fleet to the next.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct FleetChangeView {
    pub from_epoch: u64,
    pub to_epoch: u64,
    /// Unix seconds when this computer noticed it.
    pub noticed_at: Option<u64>,
    /// One sentence for each difference.
    pub text: Vec<String>,
}

/// Every epoch of a fleet, from the first.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct FleetHistory {
    pub url: String,
    pub namespace: String,
    pub fleet_id: String,
    pub mock: bool,
    pub epochs: Vec<EpochView>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct EpochView {
    pub epoch: u64,
    pub bundle: String,
    /// Unix seconds of the auditor's signature.
    pub signed_at: u64,
    pub not_before: u64,
    pub not_after: u64,
    pub sites: u8,
    pub threshold: u8,
    /// The epoch that the keys date from; accounts are bound to it.
    pub keys_since: u64,
    /// The newest epoch says that these keys must not be used any more.
    pub revoked: bool,
    /// Who appeared, who left, what else changed.
    pub changes: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct CheckView {
    pub id: String,
    /// What the check means, for a person.
    pub plain: String,
    /// Why it passed, failed or could not be made.
    pub technical: String,
    /// `pass`, `fail` or `not_checked`.
    pub outcome: String,
    /// What the check is about and why it matters.
    pub why: String,
}
