//! What the app tells its shells: plain values that the window and `--json` both show.
//!
//! No value here is a secret, but for [`NewCode`], which is shown once.

mod fleet;
mod key_change;
mod media;
mod passkeys;
mod people;
mod vault;

pub use fleet::*;
pub use key_change::*;
pub use media::*;
pub use passkeys::*;
pub use people::*;
pub use vault::*;

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

/// A place on this computer where a messenger keeps chats. Nothing in it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KnownPlace {
    /// `signal`, `imessage`, …
    pub messenger: String,
    /// For people: `Signal Desktop`.
    pub name: String,
    /// What to import.
    pub path: String,
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
    /// Why this computer's recovery code is of no use any more, where nothing else is known of it.
    pub vault_problem: Option<String>,
    /// Passkeys that open the backups from this computer's account.
    pub passkeys: u32,
    pub backups: Vec<BackupPlace>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BackupPlace {
    pub url: String,
    /// Unix seconds of the last backup made from this computer.
    pub last_backup: Option<i64>,
    /// Changed records that are not in that backup yet.
    pub pending_changes: u64,
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
    /// What another computer did with this backup that the person has to know: it changed the key.
    pub notices: Vec<String>,
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

#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub struct RestoreReport {
    pub snapshot: String,
    pub conversations: u64,
    pub messages: u64,
    pub media: u64,
    /// Messages that were here already and were left alone.
    pub kept: u64,
    /// Attachments that were gone from the computers when they were backed up, and are not here either.
    pub missing_media: u64,
    pub seconds: f64,
    /// What could not be restored; everything else was.
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PruneReport {
    /// Nothing was removed: this is what would be.
    pub dry_run: bool,
    /// Oldest first.
    pub kept: Vec<KeptSnapshot>,
    pub removed: Vec<u64>,
    pub snapshots_removed: u64,
    pub bytes_freed: u64,
}

/// A snapshot that stays, and the rules by which it does: `newest`, `last`, `daily`, `weekly`, `monthly`, `yearly`.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct KeptSnapshot {
    pub sequence: u64,
    pub because: Vec<String>,
}

/// One chat in a snapshot.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BackedUpChat {
    /// Names it to a restore: its messenger and its key there, hashed.
    pub id: String,
    /// None where what says so is damaged.
    pub title: Option<String>,
    /// `whatsapp`, `telegram`, …
    pub source: Option<String>,
    /// Records, a message once for each of its changes.
    pub records: u64,
    pub bytes: u64,
}

/// What a backup takes, and what for.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BackupStats {
    pub snapshots: u64,
    /// Unix seconds.
    pub oldest: Option<i64>,
    pub newest: Option<i64>,
    pub chats: u64,
    pub records: u64,
    /// As they would be in a plain file.
    pub record_bytes: u64,
    pub media: u64,
    pub media_bytes: u64,
    pub missing_media: u64,
    /// Bytes of all files there.
    pub stored_bytes: u64,
}

/// How one snapshot differs from an earlier one.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BackupDiff {
    pub from: u64,
    pub to: u64,
    /// Chats with new or changed records, and how many.
    pub chats: Vec<BackedUpChat>,
    pub media_added: u64,
    pub media_bytes_added: u64,
}

/// A 64-digit key that opens a backup.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct OfflineKeyEntry {
    pub id: String,
    /// Unix seconds.
    pub made: u64,
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
    /// Attachments that were gone from the computers when they were backed up.
    pub missing_media: u64,
    /// What could not be decrypted; everything else was.
    pub problems: Vec<String>,
}
