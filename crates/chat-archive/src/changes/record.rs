//! What a stream of changes is made of.

use serde::{Deserialize, Serialize};

use super::short_forms;
use crate::facts::FactRecord;
use crate::{
    Attachment, ConversationKind, Details, MessageKey, MessageKind, Participant, Reaction, Source,
    Timestamp, Wording,
};

/// A point in an archive's history of changes. Starts at 0; meaningless in another archive.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Cursor(pub u64);

/// One record of a change stream. A message or fact belongs to the last opening before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "nearly all of a stream are messages")]
pub enum Change {
    /// Opens a conversation; its changed messages follow.
    Conversation(ConversationRecord),
    /// A message of that conversation, whole.
    Message(MessageRecord),
    /// Opens what belongs to no conversation; facts follow.
    Everywhere,
    /// A fact about that conversation, or about the whole archive.
    Fact(FactRecord),
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

/// A message, by its identity across archives (`key`, within its conversation). What is left out
/// when it is written is empty, false or 0: most of it is, for most messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// Identity within the conversation. See [`Change::write`] for records without it.
    #[serde(
        default = "short_forms::first_implied",
        skip_serializing_if = "short_forms::is_first_implied"
    )]
    pub key: MessageKey,
    /// The source's own number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// [`Participant::key`] of who sent it; `None` for the messenger itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// When. A local minute is written as its number, in minutes since 1970-01-01T00:00.
    #[serde(with = "short_forms::time")]
    pub time: Timestamp,
    /// The time it is sorted by, where that is not `time.ms`: the export has it after a message
    /// that is later by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// Order among messages of the same sorting time.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tie: i64,
    /// What it is; a text if the record does not say.
    #[serde(default = "short_forms::text", skip_serializing_if = "short_forms::is_text")]
    pub kind: MessageKind,
    /// The words; empty if there are none.
    pub text: String,
    /// `source_id` of the message this answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Name of the original author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<String>,
    /// Changed after it was sent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub edited: bool,
    /// When it was last changed, ms like `time`, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// Taken back by its sender. Words that were known before are kept.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unsent: bool,
    /// Reactions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Earlier wordings, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Wording>,
    /// What few messages have.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

impl MessageRecord {
    /// The time it is sorted by, ms.
    pub fn sorting_ms(&self) -> i64 {
        self.order.unwrap_or(self.time.ms)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
