//! People across chats and messengers: who is the same person, and what they are called. The owner
//! says so; nothing is guessed, and everything that was said can be taken back.

use super::shown::shown;
use crate::model::{Handle, KnownAs, PersonView};
use crate::{AppError, Keepsake, NextStep, Result};
use chat_archive::{Archive, Source};

/// Longest name: what fits into a line of a list.
const MAX_NAME_CHARS: usize = 120;

/// Everybody in the archive, by name.
pub async fn people(keepsake: &Keepsake) -> Result<Vec<PersonView>> {
    keepsake.with_archive(|archive| Ok(archive.people()?.into_iter().map(view).collect())).await
}

/// Two handles are one person's. [`part_people`] undoes it.
pub async fn link_people(keepsake: &Keepsake, a: &Handle, b: &Handle) -> Result<()> {
    let (a, b, now) = (handle(a)?, handle(b)?, now_ms(keepsake));
    keepsake.with_archive(move |archive: &mut Archive| Ok(archive.link_people(&a, &b, now)?)).await
}

/// Takes back that two handles are one person's, as it was said.
pub async fn part_people(keepsake: &Keepsake, a: &Handle, b: &Handle) -> Result<()> {
    let (a, b, now) = (handle(a)?, handle(b)?, now_ms(keepsake));
    keepsake.with_archive(move |archive: &mut Archive| Ok(archive.part_people(&a, &b, now)?)).await
}

/// A handle is somebody else's than those it was linked with; these stay one person.
pub async fn unlink_person(keepsake: &Keepsake, one: &Handle) -> Result<()> {
    let (one, now) = (handle(one)?, now_ms(keepsake));
    keepsake.with_archive(move |archive: &mut Archive| Ok(archive.unlink_person(&one, now)?)).await
}

/// Gives a person a name, which is shown in place of the exports' names and numbers; `None` takes
/// it back.
pub async fn name_person(keepsake: &Keepsake, one: &Handle, name: Option<&str>) -> Result<()> {
    let (one, now) = (handle(one)?, now_ms(keepsake));
    let name = name.map(checked_name).transpose()?;
    keepsake
        .with_archive(move |archive: &mut Archive| {
            Ok(archive.name_person(&one, name.as_deref(), now)?)
        })
        .await
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let refuse = |why: &str| {
        Err(AppError::new(
            "usage",
            format!("This is no name: {why}."),
            "Nothing was changed.",
            NextStep::GiveAnotherName,
        ))
    };
    if name.is_empty() {
        return refuse("it is empty");
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return refuse("it is longer than 120 letters");
    }
    if name.chars().any(char::is_control) {
        return refuse("it has characters that cannot be shown");
    }
    Ok(name.to_owned())
}

fn now_ms(keepsake: &Keepsake) -> i64 {
    i64::try_from(keepsake.now()).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000)
}

fn handle(view: &Handle) -> Result<chat_archive::Handle> {
    let source = Source::parse(&view.messenger).ok_or_else(|| {
        let happened = format!("{:?} is no messenger that Keepsake knows.", view.messenger);
        AppError::new("not_found", happened, "Nothing was changed.", NextStep::SeePeople)
    })?;
    Ok(chat_archive::Handle { source, key: view.key.clone() })
}

fn view(person: chat_archive::Person) -> PersonView {
    let known_as = person.known_as.into_iter().map(|known| KnownAs {
        handle: Handle { messenger: known.handle.source.as_str().into(), key: known.handle.key },
        names: known.names.iter().map(|name| shown(name)).collect(),
        chats: known.chats,
    });
    PersonView {
        name: shown(&person.name),
        given: person.given,
        own: person.own,
        known_as: known_as.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_can_be_shown() {
        assert_eq!(checked_name("  Nele \n").unwrap(), "Nele");
        for name in ["", "  ", "a\tb", "a\u{1b}[31mb"] {
            assert_eq!(checked_name(name).unwrap_err().code, "usage", "{name:?}");
        }
        assert_eq!(checked_name(&"n".repeat(121)).unwrap_err().code, "usage");
    }
}
