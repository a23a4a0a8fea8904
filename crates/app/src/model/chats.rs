//! Chats and what imports brought of them, as the shells show them.

use super::TextPiece;
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
    pub messenger: PlaceOf,
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

/// The messenger that a chat came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum Messenger {
    WhatsApp,
    Telegram,
    Messenger,
    Instagram,
    Signal,
    IMessage,
    Element,
    /// Another one, through an interchange format.
    Other,
}

impl Messenger {
    /// As `--json` and the archive spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Telegram => "telegram",
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
            Self::Signal => "signal",
            Self::IMessage => "imessage",
            Self::Element => "element",
            Self::Other => "other",
        }
    }
}

/// Whose place a known place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum PlaceOf {
    Signal,
    IMessage,
    WhatsApp,
    Telegram,
    /// A phone's backup, which may hold the chats of several messengers.
    IPhone,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    Text,
    /// At least one attachment, perhaps with words.
    Media,
    /// Said by the messenger.
    System,
    /// Stored as it is in the export: this version does not understand it.
    Unknown,
}

/// What a time counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// The wall clock of the export, whose zone nobody knows: to be shown as it is.
    Local,
    Utc,
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
    pub source: Messenger,
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
    pub last_zone: Zone,
    pub last_text: String,
    /// The owner put it above the others.
    #[serde(default)]
    pub pinned: bool,
    /// The owner put it out of the way.
    #[serde(default)]
    pub archived: bool,
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
    pub zone: Zone,
    pub kind: MessageKind,
    pub text: String,
    /// The text in pieces; none where all of it is plain words.
    #[serde(default)]
    pub pieces: Vec<TextPiece>,
    /// Earlier wordings, oldest first.
    pub earlier: Vec<String>,
    /// Original author; empty if forwarded and nobody knows from whom.
    pub forwarded_from: Option<String>,
    /// `by a bot`, signatures, topics: what few messages have, in words.
    pub notes: Vec<String>,
    pub edited: bool,
    /// When it was last changed, unix milliseconds like `at`, where known.
    pub edited_at: Option<i64>,
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
