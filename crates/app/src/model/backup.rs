//! Backups, as the shells show them.

use super::Messenger;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Where backups are, or may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PlaceView {
    pub url: String,
    pub kind: PlaceKind,
    /// A name and a secret for it are stored, sealed under this computer's key.
    pub has_login: bool,
    /// Unix seconds.
    pub last_backup: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum PlaceKind {
    Folder,
    WebDav,
    S3,
    Sftp,
    Rclone,
}

impl PlaceKind {
    /// For a log, and for `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::WebDav => "webdav",
            Self::S3 => "s3",
            Self::Sftp => "sftp",
            Self::Rclone => "rclone",
        }
    }
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
    /// Ways back into this backup, each once.
    pub ways_back: Vec<WayBack>,
    /// What another computer did with this backup that the person has to know: it changed the key.
    pub notices: Vec<String>,
}

/// What opens a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum WayBack {
    OfflineKey,
    Passkey,
    RecoveryCode,
    ThisComputer,
    /// Of a later version of Keepsake.
    Unknown,
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
    /// Packs of a backup that was stopped: the next backup uses what is in them, a prune frees
    /// them.
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
    /// Attachments that were gone from the computers when they were backed up, and are not here
    /// either.
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
    /// Files that a later prune deletes: another computer may still build on them.
    pub packs_waiting: u64,
    pub snapshots_removed: u64,
    pub bytes_freed: u64,
}

/// What was copied to another place.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct CopyReport {
    pub files: u64,
    pub bytes: u64,
    /// Files that were there already.
    pub same: u64,
    /// In the backup that was copied.
    pub snapshots: u64,
}

/// A snapshot that stays, and the rules by which it does: `newest`, `last`, `daily`, `weekly`,
/// `monthly`, `yearly`.
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
    pub source: Option<Messenger>,
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
    /// The same key as 24 words of BIP-39's English list.
    pub words: String,
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

/// A recovery kit that was just made. Shown once; the caller wipes it.
#[derive(Serialize, Type)]
pub struct KitView {
    pub id: String,
    /// 24 words of BIP-39's English list.
    pub words: Vec<String>,
    /// The same key as 64 hex digits, grouped for reading.
    pub digits: String,
    /// Where the backups are that it opens.
    pub places: Vec<String>,
    /// The computer that it was made on.
    pub computer: String,
    /// Unix seconds.
    pub made: i64,
    /// Backups that do not know it yet, each as a sentence.
    pub warnings: Vec<String>,
}

/// A recovery kit that was made on this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KitEntry {
    pub id: String,
    /// Unix seconds.
    pub made: i64,
    /// Unix seconds at which the person showed that they have it; none: it may be on no paper.
    pub saved: Option<i64>,
    /// Unix seconds at which it was last typed and opened a backup.
    pub proved: Option<i64>,
}

/// Which backups a typed kit opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KitDrill {
    pub opened: Vec<String>,
    /// Its key opens these not, or not yet.
    pub not_opened: Vec<String>,
    /// Nothing is known of these: they could not be looked at now.
    pub not_reached: Vec<String>,
}
