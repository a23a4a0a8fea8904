//! What importers hand over, and what they get back.

use std::io::Read;

use serde::Serialize;

use crate::{ConversationKind, MessageKind, MissingReason, Participant, Reaction, Source, Timestamp};

/// A conversation as an importer found it.
#[derive(Debug, Clone)]
pub struct NewConversation {
    /// Messenger.
    pub source: Source,
    /// Stable identity within the source: the same for every export of the conversation.
    pub key: String,
    /// Name to show.
    pub title: String,
    /// Two people or many.
    pub kind: ConversationKind,
    /// People known beforehand; senders are added as they appear.
    pub participants: Vec<Participant>,
}

/// A message as an importer found it.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The source's own number, unique in the conversation. `None`: the archive tells repeats
    /// apart by sender, minute, content and order.
    pub source_id: Option<String>,
    /// Who; `None` for the messenger itself.
    pub sender: Option<Participant>,
    /// When.
    pub time: Timestamp,
    /// Whether it is a system line. [`MessageKind::Media`] follows from `attachments`.
    pub kind: MessageKind,
    /// Words.
    pub text: String,
    /// `source_id` of the message this answers.
    pub reply_to: Option<String>,
    /// Original author.
    pub forwarded_from: Option<String>,
    /// Changed after it was sent.
    pub edited: bool,
    /// When, ms like `time`.
    pub edited_at: Option<i64>,
    /// Taken back.
    pub unsent: bool,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Files.
    pub attachments: Vec<NewAttachment>,
}

/// A file that a message names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    /// File name to keep, without folders.
    pub name: Option<String>,
    /// Media type, where known.
    pub mime: Option<String>,
    /// What [`MediaReader::open_media`] understands, or why there is no file.
    pub file: Result<String, MissingReason>,
}

/// Opens files of the export that is being imported.
pub trait MediaReader {
    /// Opens the file that [`NewAttachment::file`] names, or says why it is missing.
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason>;
}

/// An export without files.
pub struct NoMedia;

impl MediaReader for NoMedia {
    fn open_media(&mut self, _file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        Err(MissingReason::FileNotFound)
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Conversations in the export.
    pub conversations: u64,
    /// Of those, not known before.
    pub conversations_new: u64,
    /// Messages not known before.
    pub messages_new: u64,
    /// Known messages that gained something: a file, an edit, a reaction.
    pub messages_updated: u64,
    /// Known messages with nothing new.
    pub duplicates_skipped: u64,
    /// Files stored.
    pub attachments_new: u64,
    /// Files that messages name and the export lacks.
    pub attachments_missing: u64,
    /// The first 10,000 of them.
    pub missing: Vec<MissingAttachment>,
}

/// A file that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingAttachment {
    /// Title of the conversation.
    pub conversation: String,
    /// Time of the message.
    pub time: Timestamp,
    /// Its name, where the export says.
    pub name: Option<String>,
    /// Why.
    pub reason: MissingReason,
}
