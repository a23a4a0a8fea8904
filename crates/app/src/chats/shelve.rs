//! Putting a chat elsewhere in the list.

use super::ShelfPlace;
use super::shelf::{Shelf, ShelfKey};
use crate::{AppError, Keepsake, NextStep, Result};
use chat_archive::{Archive, ConversationId};

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
