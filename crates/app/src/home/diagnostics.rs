//! What helps somebody to help: versions, sizes and states. No name of a person, chat, folder,
//! server or file, and no secret.

use crate::backup::{PlaceMemory, kind_of};
use crate::home::unix_now;
use crate::progress::blocking;
use crate::schedule::{mode, starter_of_any};
use crate::{Keepsake, KeyStore, Result};
use std::fmt::{Display, Write};
use std::path::Path;

/// Lines of the log that go with it.
const LOG_LINES: usize = 40;

/// Folders that are looked into for their size: the home has two levels.
const MAX_DEPTH: usize = 4;

/// States and sizes as plain text, for the person to read and to send to somebody. What cannot be
/// found out says so, by its code.
///
/// # Errors
/// None of its own.
pub async fn diagnostics(keepsake: &Keepsake) -> Result<String> {
    let keepsake = keepsake.clone();
    blocking(move || Ok(gather(&keepsake))).await
}

fn gather(keepsake: &Keepsake) -> String {
    let mut text = String::new();
    let mut say = |what: &str, value: &dyn Display| {
        let _ = writeln!(text, "{what}: {value}");
    };
    let version = env!("CARGO_PKG_VERSION");
    say("Keepsake", &version);
    say("System", &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    say("Home", &home_in_words(keepsake));
    say("Key of this computer", &key_in_words(keepsake.key_store()));
    say("Archive", &or_code(archive(keepsake)));
    say("Size of archive", &format!("{} bytes", size_of(&keepsake.home().join("archive"), 0)));
    say("Recovery code", &or_code(keepsake.account_slot().map(|slot| yes_or_no(slot.is_some()))));
    say("Passkeys", &or_code(keepsake.passkeys().map(|all| all.kept.len())));
    say("Backups by themselves", &or_code(keepsake.every().map(|every| format!("{every:?}"))));
    say("Background mode", &background(keepsake));
    match keepsake.destinations() {
        Err(error) => say("Places", &error.code),
        Ok(places) => {
            for (number, place) in (1..).zip(places) {
                let memory = keepsake.place_memory(&place.url).unwrap_or_default();
                let facts = place_in_words(&place.url, place.last_backup, &memory);
                say(&format!("Place {number}"), &facts);
            }
        }
    }
    let log = keepsake.log_lines(LOG_LINES).unwrap_or_default();
    let _ = write!(text, "\nLog:\n{}\n", log.join("\n"));
    text
}

/// Not where it is: a path has the person's name in it.
fn home_in_words(keepsake: &Keepsake) -> &'static str {
    match Keepsake::default_home().is_ok_and(|own| own == keepsake.home()) {
        true => "the system's place",
        false => "another folder",
    }
}

fn key_in_words(store: KeyStore) -> &'static str {
    match store {
        KeyStore::Keyring => "in the keyring",
        KeyStore::File => "in a file",
    }
}

fn archive(keepsake: &Keepsake) -> Result<String> {
    let archive = keepsake.archive()?;
    let all = archive.conversations()?;
    let messages: u64 = all.iter().map(|chat| chat.messages).sum();
    let attachments: u64 = all.iter().map(|chat| chat.attachments).sum();
    let missing: u64 = all.iter().map(|chat| chat.attachments_missing).sum();
    Ok(format!(
        "{} chats, {messages} messages, {attachments} attachments, {missing} of them missing",
        all.len()
    ))
}

fn background(keepsake: &Keepsake) -> String {
    let mode = mode(starter_of_any(keepsake).as_ref());
    let state = match (mode.is_on, mode.is_broken) {
        (true, _) => "on",
        (false, true) => "turned on, and not started",
        (false, false) => "off",
    };
    format!("{state} ({})", mode.by.as_deref().unwrap_or("nothing known that starts it"))
}

fn place_in_words(url: &str, last_backup: Option<u64>, memory: &PlaceMemory) -> String {
    let ago = |at: Option<u64>| match at {
        None => "never".to_string(),
        Some(at) => format!("{} s ago", unix_now().saturating_sub(at)),
    };
    let mut words = format!(
        "{}, backed up {}, answered {}",
        kind_of(url).word(),
        ago(last_backup),
        ago(memory.answered)
    );
    if memory.away {
        words.push_str(", away");
    }
    if memory.failures > 0 {
        let code = memory.failure.as_deref().unwrap_or("unknown");
        let _ = write!(words, ", {} failures, the last of them {code}", memory.failures);
    }
    if let Some(checked) = &memory.checked {
        let _ = write!(words, ", {} problems at the last check", checked.problems);
    }
    words
}

fn or_code<T: Display>(found: Result<T>) -> String {
    match found {
        Ok(value) => value.to_string(),
        Err(error) => format!("cannot be read ({})", error.code),
    }
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn size_of(folder: &Path, depth: usize) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() && depth < MAX_DEPTH => size_of(&entry.path(), depth + 1),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::back_up;
    use crate::{ImportOptions, Surroundings, Unwatched, import_chats};
    use remote_stores::Credentials;
    use std::time::Duration;

    #[tokio::test]
    async fn it_says_sizes_and_states_and_nothing_of_a_person() {
        let dir = tempfile::Builder::new().prefix("ann-lindqvist-").tempdir().unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let keepsake = Keepsake::open_in(&dir.path().join("home"), around).unwrap();
        let chat = dir.path().join("WhatsApp Chat with Mira.txt");
        std::fs::write(&chat, "13/02/2026, 10:00 - Mira: a heron\n").unwrap();
        import_chats(&keepsake, &chat, ImportOptions::default(), &Unwatched).await.unwrap();
        let repo = dir.path().join("Backup disk");
        back_up(&keepsake, repo.to_str().unwrap(), Duration::ZERO, &Unwatched).await.unwrap();
        let server = "https://cloud.example/dav/ann";
        let login = Credentials { name: "ann".into(), secret: "hunter2".to_string().into() };
        keepsake.keep_place_login(server, &login).unwrap();
        keepsake.note_failure(repo.to_str().unwrap(), "disk_full").unwrap();
        keepsake.log("place 1 (folder): the backup failed (disk_full)").unwrap();

        let text = diagnostics(&keepsake).await.unwrap();
        for said in ["1 chats, 1 messages", "folder, backed up 0 s ago", "1 failures", "disk_full"]
        {
            assert!(text.contains(said), "{said}: {text}");
        }
        let lower = text.to_lowercase();
        for secret in
            ["ann", "lindqvist", "mira", "heron", "hunter2", "cloud.example", "backup disk", "/"]
        {
            assert!(!lower.contains(secret), "{secret}: {text}");
        }
    }
}
