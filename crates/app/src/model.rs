//! What the app tells its shells: plain values that the window and `--json` both show.
//!
//! No value here is a secret, but for [`NewCode`], which is shown once.

mod fleet;
mod passkeys;
mod vault;

pub use fleet::*;
pub use passkeys::*;
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
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub struct ImportReport {
    pub kind: String,
    pub conversations: u64,
    /// New messages; what was there already is in `duplicates_skipped`.
    pub messages: u64,
    pub attachments: u64,
    pub missing: Vec<MissingAttachment>,
    pub duplicates_skipped: u64,
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
    pub messages: u64,
    pub attachments: u64,
    /// Unix milliseconds of the newest message.
    pub last_at: Option<i64>,
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
    pub text: String,
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
    pub new_records: u64,
    pub new_media: u64,
    /// Attachments whose files are gone from this computer: they are in no backup.
    pub missing_media: u64,
    pub bytes_read: u64,
    pub bytes_written: u64,
    pub seconds: f64,
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
    pub bytes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct CheckReport {
    pub snapshots: u64,
    pub packs: u64,
    pub bytes_read: u64,
    pub all_data_read: bool,
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
