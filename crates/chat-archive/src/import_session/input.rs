//! What importers hand over.

use std::io::Read;

use crate::{
    ConversationKind, Details, MessageKind, MissingReason, Participant, Precision, Reaction,
    Source, Timestamp, Wording, Zone,
};

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
    /// Where the source has no identity for a chat, so that `key` is only its name: some of its
    /// messages, by which it is told from others of that name. Empty where `key` is enough.
    pub sample: Vec<SampleMessage>,
}

/// A message of an export that is looked for in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleMessage {
    /// Time, ms.
    pub ms: i64,
    /// [`Participant::key`].
    pub sender: String,
    /// The beginning of its first line.
    pub words: String,
}

/// A message as an importer found it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Earlier wordings, where the export has them.
    pub earlier: Vec<Wording>,
    /// What few messages have.
    pub details: Details,
}

impl Default for NewMessage {
    /// A text without words, by nobody, at the beginning of 1970: to be filled in.
    fn default() -> Self {
        Self {
            source_id: None,
            sender: None,
            time: Timestamp { ms: 0, precision: Precision::Second, zone: Zone::Local },
            kind: MessageKind::Text,
            text: String::new(),
            reply_to: None,
            forwarded_from: None,
            edited: false,
            edited_at: None,
            unsent: false,
            reactions: Vec::new(),
            attachments: Vec::new(),
            earlier: Vec::new(),
            details: Details::default(),
        }
    }
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
