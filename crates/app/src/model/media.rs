//! The files of a chat.

use super::AttachmentView;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A month in which files were sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MediaMonth {
    /// `2024-03`.
    pub month: String,
    /// How many files, missing ones included.
    pub files: u64,
}

/// A file, and the message that carries it.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct MediaView {
    /// Place of the message in its chat, from 0.
    pub position: u64,
    /// Unix milliseconds, as the export has it.
    pub at: i64,
    /// `local` or `utc`.
    pub zone: String,
    pub attachment: AttachmentView,
}
