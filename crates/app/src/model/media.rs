//! The files of a chat.

use super::{AttachmentView, Zone};
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

/// A file of a chat, and the message that carries it.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct MediaPlace {
    /// The message that carries it.
    pub message: i64,
    /// Place of the message in its chat, from 0.
    pub position: u64,
    /// Which of the message's files, from 0.
    pub ordinal: u32,
    /// Unix milliseconds, as the export has it.
    pub at: i64,
    pub zone: Zone,
    pub attachment: AttachmentView,
}
