//! A new database out of the readable pages of a damaged one.
//!
//! Rows are copied one by one around what cannot be read; what follows from rows (search index,
//! counts, marks) is made anew. Row numbers, the archive's id and its change numbers stay, so a
//! backup goes on where it was.

mod derive;
mod rows;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use durable_files::rename_durably;
use rusqlite::Connection;
use serde::Serialize;

use self::rows::{Copied, Source};
use crate::archive::{ArchiveKey, DATABASE, configure, create_private_file, unlock};
use crate::{Archive, ArchiveError, schema};

/// The new database until it takes the place of the damaged one.
const UNFINISHED: &str = "archive.db.salvage";

/// What SQLite keeps beside a database.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// What [`Archive::salvage`] saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Salvaged {
    /// Messages that were read.
    pub messages: u64,
    /// Messages that were not; `None` where nothing says how many there were.
    pub messages_lost: Option<u64>,
    /// Attachments, facts, people and conversations of which some could not be read.
    pub tables_damaged: Vec<&'static str>,
    /// The damaged database, which stays.
    pub set_aside: PathBuf,
}

impl Archive {
    /// Puts a new database with every readable row in the place of the one in `dir`, which stays
    /// beside it under another name. Nobody else may write meanwhile.
    ///
    /// # Errors
    /// [`ArchiveError::Corrupt`] if its head or its schema cannot be read: then there are no rows
    /// to be found, and nothing is changed. [`ArchiveError::WrongKey`], [`ArchiveError::DiskFull`],
    /// [`ArchiveError::Io`].
    pub fn salvage(dir: &Path, key: &ArchiveKey) -> Result<Salvaged, ArchiveError> {
        let mut source = Source::open(dir, key)?;
        let unfinished = dir.join(UNFINISHED);
        remove_database(&unfinished)?;
        create_private_file(&unfinished)
            .map_err(ArchiveError::io("create the new archive file"))?;
        let copied = copy(&mut source, &unfinished, key);
        drop(source);
        let copied = match copied {
            Ok(copied) => copied,
            Err(error) => {
                remove_database(&unfinished)?;
                return Err(error);
            }
        };
        let set_aside = Self::set_aside(dir)?;
        rename_durably(&unfinished, &dir.join(DATABASE))
            .map_err(ArchiveError::io("put the new archive in place"))?;
        Ok(Salvaged {
            messages: copied.messages,
            messages_lost: copied.messages_lost,
            tables_damaged: copied.damaged,
            set_aside,
        })
    }

    /// Moves the database in `dir` out of the way, to a name beside it that nothing has; returns
    /// where it is now.
    ///
    /// # Errors
    /// [`ArchiveError::Io`].
    pub fn set_aside(dir: &Path) -> Result<PathBuf, ArchiveError> {
        let io = ArchiveError::io("set the damaged archive aside");
        let free = |n: &u32| !dir.join(format!("archive-damaged-{n}.db")).exists();
        let Some(n) = (1..u32::MAX).find(free) else {
            return Err(io(io::ErrorKind::AlreadyExists.into()));
        };
        let aside = dir.join(format!("archive-damaged-{n}.db"));
        let moved = BESIDE.iter().try_for_each(|ending| {
            match fs::rename(beside(&dir.join(DATABASE), ending), beside(&aside, ending)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            }
        });
        moved.and_then(|()| rename_durably(&dir.join(DATABASE), &aside)).map_err(io)?;
        Ok(aside)
    }
}

fn copy(source: &mut Source, to: &Path, key: &ArchiveKey) -> Result<Copied, ArchiveError> {
    let mut new = Connection::open(to)?;
    unlock(&new, key)?;
    configure(&new)?;
    schema::migrate(&mut new)?;
    // Rows come before those they refer to; what refers to nothing is dropped.
    new.pragma_update(None, "foreign_keys", false)?;
    let tx = new.transaction()?;
    let mut copied = rows::copy_all(source, &tx)?;
    derive::derive(&tx)?;
    copied.messages =
        tx.query_row("SELECT count(*) FROM messages", [], |r| r.get::<_, i64>(0))?.unsigned_abs();
    copied.messages_lost = source.messages().map(|before| before.saturating_sub(copied.messages));
    tx.commit()?;
    // One file, which can be renamed.
    new.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
    new.close().map_err(|(_, error)| error)?;
    fs::File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(ArchiveError::io("write the new archive"))?;
    Ok(copied)
}

fn remove_database(path: &Path) -> Result<(), ArchiveError> {
    for ending in ["", BESIDE[0], BESIDE[1]] {
        match fs::remove_file(beside(path, ending)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(ArchiveError::io("remove an unfinished archive file")(e));
            }
            _ => {}
        }
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
