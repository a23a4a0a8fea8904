//! What is looked for.

use serde::{Deserialize, Serialize};

use crate::ConversationId;

/// What to look for. All conditions must hold; empty ones are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchQuery {
    /// Words; `"quoted words"` must stand together; the last word may be the beginning of one.
    pub text: String,
    /// Only in this conversation.
    pub conversation: Option<ConversationId>,
    /// Only from this person: a participant's key, or part of a name in any case.
    pub sender: Option<String>,
    /// Not before, ms.
    pub from_ms: Option<i64>,
    /// Before, ms.
    pub to_ms: Option<i64>,
    /// Only with files.
    pub has_media: bool,
    /// Only with a file of this sort.
    pub file: Option<FileSort>,
    /// At most this many hits (1,000 at most).
    pub limit: usize,
    /// Skip this many.
    pub offset: usize,
}

/// What a file is, by its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileSort {
    /// `image/…`
    Picture,
    /// `video/…`
    Video,
    /// `audio/…`
    Sound,
    /// Anything else, and what has no type.
    Other,
}
