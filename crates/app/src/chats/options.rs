//! What a person may say about an import or an export.

use crate::RecoverySecret;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::PathBuf;
use std::sync::Arc;

/// How an export writes its dates: what comes first, second and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    Dmy,
    Mdy,
    Ymd,
}

/// Answers that an export may need.
#[derive(Clone, Default)]
pub struct ImportOptions {
    /// The messenger or form, if it is not to be recognised: `whatsapp`, `telegram_json`.
    pub kind: Option<String>,
    /// Where the export does not tell.
    pub date_order: Option<DateOrder>,
    /// What opens an encrypted export: the 64 digits of a WhatsApp backup; what the keyring has for
    /// Signal.
    pub key: Option<Arc<RecoverySecret>>,
    /// A phone's key file, in place of `key`.
    pub key_file: Option<PathBuf>,
}

/// Messages between two moments, as unix milliseconds; the second is not in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Between {
    pub from: Option<i64>,
    pub until: Option<i64>,
}

impl Between {
    pub(crate) fn is_limited(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }

    pub(crate) fn has(&self, ms: i64) -> bool {
        self.from.is_none_or(|from| from <= ms) && self.until.is_none_or(|until| ms < until)
    }
}

/// How a conversation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// All that the archive has, one file.
    Json,
    /// A line per message, one file.
    Text,
    /// ChatLab's interchange format, one file.
    ChatLab,
    /// Numbered pages for paper, one file; of attachments their names alone.
    Pdf,
    /// A folder with a page for a browser and the media.
    Html,
    /// A folder with `transcript.pdf`, which has ids and sums, with page, text, JSON and media, and
    /// with `manifest.sha256`, which `sha256sum -c` checks.
    Transcript,
}

impl ExportFormat {
    /// Whether a folder is written, as opposed to a file.
    pub fn is_folder(self) -> bool {
        matches!(self, Self::Html | Self::Transcript)
    }
}

/// Where a chat stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ShelfPlace {
    /// Above the others.
    Pinned,
    /// By its newest message.
    Usual,
    /// Out of the way, in a list of its own.
    Archived,
}
