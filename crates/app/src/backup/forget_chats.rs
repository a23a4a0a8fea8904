//! Taking a chat out of a backup, because its owner wants it gone.

use super::contents::no_such_chat;
use super::destinations::address;
use super::forget::{Forgotten, forget};
use crate::model::BackedUpChat;
use crate::progress::watched;
use crate::{Keepsake, Result, Watch};

/// Takes chats (by title, or by the id that browsing gives) and the media that only they name out
/// of the newest snapshot.
/// Earlier ones have them until a prune.
///
/// # Errors
/// `not_found` if the newest snapshot has no such chat; `damaged` if not all of it can be read:
/// nothing was forgotten.
pub async fn forget_chats(
    keepsake: &Keepsake,
    repo: &str,
    wanted: Vec<String>,
    watch: &dyn Watch,
) -> Result<Forgotten> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| {
        let is = |chat: &BackedUpChat, wanted: &String| {
            chat.id == *wanted || chat.title.as_ref() == Some(wanted)
        };
        let forgotten = forget(
            &keepsake,
            &url,
            |all| match wanted.iter().find(|w| !all.iter().any(|c| is(c, w))) {
                Some(absent) => Err(no_such_chat(absent)),
                None => Ok(all
                    .into_iter()
                    .filter(|c| wanted.iter().any(|w| is(c, w)))
                    .map(|c| c.id)
                    .collect()),
            },
            watch,
        )?;
        Ok(forgotten)
    })
    .await
}
