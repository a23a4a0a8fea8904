//! Folders that are looked through for new exports, as the shells show them.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What is watched, and what was found and waits for the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Watched {
    pub folders: Vec<WatchedFolder>,
    pub offers: Vec<Offer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct WatchedFolder {
    pub path: String,
    /// New exports are imported without asking.
    pub by_itself: bool,
}

/// A new export that was not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Offer {
    pub path: String,
    /// `whatsapp`, `telegram`, …
    pub kind: String,
    /// Titles, and how many messages each has.
    pub conversations: Vec<String>,
    /// Why it was not imported, in a folder whose exports are; none where it is only offered.
    pub refused: Option<String>,
}
