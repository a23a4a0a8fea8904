//! Which chats the owner pinned above the others or put out of the way: a file of the home.

use crate::home::{read_bounded, write_private};
use crate::{AppError, Keepsake, NextStep, Result};
use chat_archive::{Archive, ConversationId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FILE: &str = "chat-list.json";

/// 20,000 chats on both lists, each named by 100 bytes, are 4 MB.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// A chat's name that is the same in every archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct ShelfKey {
    pub source: String,
    pub key: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Shelf {
    pub pinned: BTreeSet<ShelfKey>,
    pub archived: BTreeSet<ShelfKey>,
}

impl Shelf {
    /// Empty where there is no file; one that cannot be understood is as good as none, for it only
    /// sorts a list.
    pub(super) fn read(keepsake: &Keepsake) -> Result<Self> {
        let bytes = read_bounded(&keepsake.home().join(FILE), MAX_FILE)
            .map_err(|e| AppError::disk("reading the order of the chats", &e))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    fn write(&self, keepsake: &Keepsake) -> Result<()> {
        let bytes = serde_json::to_vec(self).map_err(|_| AppError::stopped())?;
        write_private(&keepsake.home().join(FILE), &bytes)
            .map_err(|e| AppError::disk("writing the order of the chats", &e))
    }
}

/// Where a chat stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ShelfPlace {
    /// Above the others.
    Pinned,
    /// By its newest message.
    Usual,
    /// Out of the way, in a list of its own.
    Archived,
}

/// Puts a chat elsewhere in the list. Its messages stay as they are.
///
/// # Errors
/// `not_found`: no such chat; `disk`.
pub async fn shelve_chat(keepsake: &Keepsake, chat: i64, place: ShelfPlace) -> Result<()> {
    let on = keepsake.clone();
    let put = move |archive: &mut Archive| {
        let found = archive.conversation(ConversationId(chat)).map_err(|_| no_chat())?;
        let key = ShelfKey { source: found.source.as_str().into(), key: found.key };
        let mut shelf = Shelf::read(&on)?;
        shelf.pinned.remove(&key);
        shelf.archived.remove(&key);
        match place {
            ShelfPlace::Pinned => drop(shelf.pinned.insert(key)),
            ShelfPlace::Archived => drop(shelf.archived.insert(key)),
            ShelfPlace::Usual => {}
        }
        shelf.write(&on)
    };
    keepsake.with_archive(put).await
}

fn no_chat() -> AppError {
    let happened = "There is no such chat.";
    AppError::new("not_found", happened, "Nothing was changed.", NextStep::SeeChats)
}
