//! `keepsake people`

use crate::args::People;
use crate::failure::{Failure, Result};
use crate::output::{Output, count};
use app::Keepsake;
use app::model::{Handle, PersonView};
use std::fmt::Write;

pub(super) async fn run(keepsake: &Keepsake, command: People, output: Output) -> Result<()> {
    match command {
        People::List { words } => {
            let mut all = app::people(keepsake).await?;
            let wanted = words.join(" ").to_lowercase();
            all.retain(|person| has(person, &wanted));
            output.result(&all, |all| list(all));
        }
        People::Link { person, other } => {
            let (a, b) = (one(keepsake, &person).await?, one(keepsake, &other).await?);
            app::link_people(keepsake, &a, &b).await?;
            let name = name_of(keepsake, &a).await?;
            let undo = format!("keepsake people unlink {:?} {:?}", written(&a), written(&b));
            let text = format!("{} and {} are {name}. Undo: {undo}", written(&a), written(&b));
            output.result(&serde_json::json!({ "linked": [a, b], "name": name }), |_| text);
        }
        People::Unlink { person, other: Some(other) } => {
            let (a, b) = (one(keepsake, &person).await?, one(keepsake, &other).await?);
            app::part_people(keepsake, &a, &b).await?;
            let text = format!("{} and {} are two people.", written(&a), written(&b));
            output.result(&serde_json::json!({ "unlinked": [a, b] }), |_| text);
        }
        People::Unlink { person, other: None } => {
            let handle = handle_of(keepsake, &person).await?;
            app::unlink_person(keepsake, &handle).await?;
            let text = format!("{} is a person of their own.", written(&handle));
            output.result(&serde_json::json!({ "unlinked": [handle] }), |_| text);
        }
        People::Rename { person, name, undo } => {
            let handle = one(keepsake, &person).await?;
            app::name_person(keepsake, &handle, name.as_deref().filter(|_| !undo)).await?;
            let shown = name_of(keepsake, &handle).await?;
            let undo = format!("Undo: keepsake people rename {:?} --undo", written(&handle));
            let text = if name.is_some() {
                format!("Called {shown:?}. {undo}")
            } else {
                format!("Called {shown:?} again.")
            };
            output.result(&serde_json::json!({ "handle": handle, "name": shown }), |_| text);
        }
    }
    Ok(())
}

/// A handle of the only person whom these words mean: of one who has several, the one that is
/// meant, else the first.
async fn one(keepsake: &Keepsake, words: &str) -> Result<Handle> {
    let mut found = meant(keepsake, words).await?;
    match found.len() {
        1 => {
            let mut handles: Vec<Handle> =
                found.remove(0).known_as.into_iter().map(|known| known.handle).collect();
            let at = handles
                .iter()
                .position(|handle| written(handle) == words || handle.key == words)
                .unwrap_or(0);
            Ok(handles.swap_remove(at))
        }
        0 => Err(nobody(format!("There is nobody called {words:?}."))),
        n => {
            let handles = found
                .iter()
                .flat_map(|person| &person.known_as)
                .map(|known| written(&known.handle));
            let handles: Vec<String> = handles.collect();
            Err(nobody(format!("{n} people are called {words:?}: {}.", handles.join(", "))))
        }
    }
}

/// One handle: where a person has several, the words must name it.
async fn handle_of(keepsake: &Keepsake, words: &str) -> Result<Handle> {
    let found = meant(keepsake, words).await?;
    if let [person] = found.as_slice() {
        let named = person
            .known_as
            .iter()
            .find(|known| written(&known.handle) == words || known.handle.key == words);
        if let (None, true) = (named, person.known_as.len() > 1) {
            let handles: Vec<String> =
                person.known_as.iter().map(|known| written(&known.handle)).collect();
            return Err(nobody(format!(
                "{} is known by several: {}.",
                person.name,
                handles.join(", ")
            )));
        }
    }
    one(keepsake, words).await
}

/// By handle (`whatsapp:+49 170 1`), else by name, number or id in any case.
async fn meant(keepsake: &Keepsake, words: &str) -> Result<Vec<PersonView>> {
    let all = app::people(keepsake).await?;
    let by_handle =
        |person: &&PersonView| person.known_as.iter().any(|known| written(&known.handle) == words);
    if let Some(person) = all.iter().find(by_handle) {
        return Ok(vec![person.clone()]);
    }
    let wanted = words.to_lowercase();
    let is_called = |person: &PersonView| {
        let known = |known: &app::model::KnownAs| {
            known.handle.key.to_lowercase() == wanted
                || known.names.iter().any(|name| name.to_lowercase() == wanted)
        };
        person.name.to_lowercase() == wanted || person.known_as.iter().any(known)
    };
    Ok(all.into_iter().filter(is_called).collect())
}

async fn name_of(keepsake: &Keepsake, handle: &Handle) -> Result<String> {
    let all = app::people(keepsake).await?;
    let person =
        all.into_iter().find(|person| person.known_as.iter().any(|known| known.handle == *handle));
    Ok(person.map_or_else(|| handle.key.clone(), |person| person.name))
}

fn has(person: &PersonView, wanted: &str) -> bool {
    let mut words = vec![&person.name];
    for known in &person.known_as {
        words.push(&known.handle.key);
        words.extend(&known.names);
    }
    wanted.is_empty() || words.iter().any(|word| word.to_lowercase().contains(wanted))
}

fn written(handle: &Handle) -> String {
    format!("{}:{}", handle.messenger, handle.key)
}

fn nobody(happened: String) -> Failure {
    let next = "Use a name from the list of people, or a messenger with the number or id there.";
    Failure::new("not_found", happened, "Nothing was changed.", next)
        .with_command("keepsake people list")
}

fn list(all: &[PersonView]) -> String {
    if all.is_empty() {
        return "Nobody.".into();
    }
    all.iter().fold(String::new(), |mut text, person| {
        let own = if person.own { " (you)" } else { "" };
        let _ = writeln!(text, "{}{own}", person.name);
        for known in &person.known_as {
            let others: Vec<&str> = known
                .names
                .iter()
                .filter(|name| **name != person.name)
                .map(String::as_str)
                .collect();
            let others =
                if others.is_empty() { String::new() } else { format!("  {}", others.join(", ")) };
            let _ = writeln!(
                text,
                "    {}  {}{others}",
                written(&known.handle),
                count(known.chats, "chat", "chats")
            );
        }
        text
    })
}
