//! What of a backup is to come back.

use crate::chats::Between;
use backup_engine::RestoreOptions;
use serde::Deserialize;
use specta::Type;

/// What of a backup is to come back; all of the newest snapshot by default.
#[derive(Clone, Debug, Default)]
pub struct RestoreChoice {
    /// Its number or id.
    pub snapshot: Option<String>,
    /// Only these chats, by title or by the id that browsing gives, and their media.
    pub chats: Vec<String>,
    /// Only messages of this time, and their media.
    pub between: Between,
    pub parts: RestoreParts,
}

/// Messages, their media, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RestoreParts {
    #[default]
    Both,
    Messages,
    Media,
}

/// A choice, and what of it the engine can make.
pub(crate) struct Wanted<'a> {
    pub choice: &'a RestoreChoice,
    pub options: RestoreOptions,
}
