//! What reading a chat takes beside its messages.

use super::{MessageView, SnippetPart};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Picture,
    Video,
    Sound,
    Other,
}

/// What to look for. All conditions hold; empty ones are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Wanted {
    /// Words; `"quoted words"` stand together; the last word may be the beginning of one.
    pub words: String,
    pub conversation: Option<i64>,
    /// A part of the name of who wrote it.
    pub person: Option<String>,
    /// Not before, unix milliseconds.
    pub from: Option<i64>,
    /// Before, unix milliseconds.
    pub until: Option<i64>,
    /// Only with a file.
    pub with_file: bool,
    /// Only with a file of this kind.
    pub file: Option<FileKind>,
}

/// A page of what was found, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct FoundPage {
    pub hits: Vec<FoundMessage>,
    /// There are more after these.
    pub more: bool,
    /// How many there are in all, counted up to `counted_to`.
    pub total: u64,
    pub counted_to: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct FoundMessage {
    pub conversation: i64,
    pub conversation_title: String,
    pub message: MessageView,
    pub snippet: Vec<SnippetPart>,
}

/// Where a message comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MessageInfo {
    /// Its number in the messenger, where the export has one.
    pub source_id: Option<String>,
    /// The exports that were read into its chat, the oldest first.
    pub exports: Vec<ExportSeen>,
    /// All that the archive has of it, as JSON.
    pub record: String,
    /// Its own form in the export, where it was not understood.
    pub raw: Option<String>,
}

/// An export that was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ExportSeen {
    pub name: String,
    /// When, unix seconds; null where it was not written down.
    pub imported: Option<i64>,
}

/// A chat in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ChatNumbers {
    pub years: Vec<YearNumbers>,
    /// The most first.
    pub people: Vec<PersonNumbers>,
    /// Unix milliseconds of the first and the last message.
    pub first: Option<i64>,
    pub last: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct YearNumbers {
    pub year: i32,
    pub messages: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PersonNumbers {
    pub name: String,
    pub own: bool,
    pub messages: u64,
}
