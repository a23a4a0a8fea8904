//! People across chats and messengers.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What somebody is known by in one messenger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Handle {
    /// `whatsapp`, `telegram`, …
    pub messenger: String,
    /// A number, an id, or a name where the messenger gives no more.
    pub key: String,
}

/// Somebody, with all that they are known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PersonView {
    /// The name that is shown everywhere.
    pub name: String,
    /// The owner gave it, as opposed to an export.
    pub given: bool,
    /// The owner of the archive, in at least one chat.
    pub own: bool,
    /// More than one where the owner said that they are the same person.
    pub known_as: Vec<KnownAs>,
}

/// One thing that somebody is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KnownAs {
    pub handle: Handle,
    /// Names in the exports, that of the most chats first.
    pub names: Vec<String>,
    /// In how many chats.
    pub chats: u64,
}
