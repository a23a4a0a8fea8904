//! Which of a chat's people is the owner.

use super::shown::shown;
use crate::{AppError, Keepsake, NextStep, Result};
use chat_archive::{Archive, ConversationId, Participant};

/// The owner says which of a chat's people they are; `None`: none of them. With `everywhere`, also
/// in the messenger's other chats.
pub async fn set_owner(
    keepsake: &Keepsake,
    conversation: i64,
    person: Option<&str>,
    everywhere: bool,
) -> Result<()> {
    let person = person.map(str::to_owned);
    let now =
        i64::try_from(crate::home::unix_now()).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000);
    let set = move |archive: &mut Archive| {
        let id = ConversationId(conversation);
        let people = archive.participants(id)?;
        let key = match &person {
            None => None,
            Some(name) => {
                let called =
                    |p: &&Participant| p.name == *name || p.key == *name || shown(&p.name) == *name;
                let found = people.iter().find(called);
                Some(found.ok_or_else(|| nobody(name))?.key.clone())
            }
        };
        Ok(archive.set_own(id, key.as_deref(), everywhere, now)?)
    };
    keepsake.with_archive(set).await
}

fn nobody(name: &str) -> AppError {
    AppError::new(
        "not_found",
        format!("Nobody in this chat is called {name:?}."),
        "Nothing was changed.",
        NextStep::UseNameInChat,
    )
}
