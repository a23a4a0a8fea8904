use serde::{Deserialize, Serialize};

use crate::{Attachment, ConversationKind, MessageKey, MessageKind, Participant, Reaction, Source, Timestamp};

/// A point in an archive's history of changes. Starts at 0; meaningless in another archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub u64);

/// One record of a change stream. A message belongs to the last conversation before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Opens a conversation; its changed messages follow.
    Conversation(ConversationRecord),
    /// A message of that conversation, whole.
    Message(MessageRecord),
}

/// A conversation, by its identity across archives (`source`, `key`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationRecord {
    /// Messenger.
    pub source: Source,
    /// Stable identity within the source.
    pub key: String,
    /// Name to show.
    pub title: String,
    /// Time (ms) of the newest message known when the title was seen: the newer title wins.
    pub title_as_of: i64,
    /// Two people or many.
    pub kind: ConversationKind,
    /// Everyone seen in it.
    pub participants: Vec<Participant>,
}

/// A message, by its identity across archives (`key`, within its conversation).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// Identity within the conversation.
    pub key: MessageKey,
    /// The source's own number, where it has one.
    pub source_id: Option<String>,
    /// [`Participant::key`] of who sent it; `None` for the messenger itself.
    pub sender: Option<String>,
    /// When.
    pub time: Timestamp,
    /// Order among messages of the same `time.ms`.
    pub tie: i64,
    /// What it is.
    pub kind: MessageKind,
    /// The words; empty if there are none.
    pub text: String,
    /// `source_id` of the message this answers.
    pub reply_to: Option<String>,
    /// Name of the original author.
    pub forwarded_from: Option<String>,
    /// Changed after it was sent.
    pub edited: bool,
    /// When it was last changed, ms like `time`, where known.
    pub edited_at: Option<i64>,
    /// Taken back by its sender. Words that were known before are kept.
    pub unsent: bool,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Files.
    pub attachments: Vec<Attachment>,
}
