//! The state on disk: one SQLite database, of which each save writes what has changed and no more.

mod database;

use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use durable_files::open_private;
use rusqlite::Connection;

use crate::error::Error;
use crate::firmware::Firmware;
use crate::state::State;
use database::{LoadError, create, load, save};

/// `application_id` of the database: "KHSM".
const APPLICATION: i32 = 0x4b48_534d;
/// `user_version` of the database.
const VERSION: i32 = 2;

/// A state file held by this process alone.
pub(crate) struct StateFile {
    path: PathBuf,
    connection: Connection,
    is_new: bool,
    _lock: File,
}

impl StateFile {
    /// Takes the file for this process. It need not exist yet.
    ///
    /// # Errors
    /// [`Error::StateInUse`] if another process has it, [`Error::StateFormat`] if it is something
    /// else, [`Error::StateDamaged`].
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let lock = lock(path)?;
        remove_leftovers(path);
        let is_new = !path.exists();
        if is_new {
            // The keys in it are in the clear. SQLite would give it the permissions of the process.
            open_private(path).map_err(Error::io(format!("creating {}", path.display())))?;
        }
        let damaged = |error: rusqlite::Error| damaged(path, &error.to_string());
        let connection = Connection::open(path).map_err(damaged)?;
        let file = Self { path: path.to_owned(), connection, is_new, _lock: lock };
        file.configure()?;
        Ok(file)
    }

    fn configure(&self) -> Result<(), Error> {
        let damaged = |error: rusqlite::Error| damaged(&self.path, &error.to_string());
        if self.is_new || self.is_empty()? {
            create(&self.connection, APPLICATION, VERSION).map_err(damaged)?;
        }
        let number = |name| self.connection.pragma_query_value(None, name, |row| row.get(0));
        let application: i32 = number("application_id").map_err(|error| self.unreadable(&error))?;
        let version: i32 = number("user_version").map_err(damaged)?;
        if (application, version) != (APPLICATION, VERSION) {
            let reason = format!("it is no state of this program's version {VERSION}");
            return Err(Error::StateFormat { path: self.path.clone(), reason });
        }
        // Each commit survives a loss of power; what was deleted does not.
        for (name, value) in
            [("journal_mode", "wal"), ("synchronous", "full"), ("secure_delete", "on")]
        {
            self.connection.pragma_update(None, name, value).map_err(damaged)?;
        }
        Ok(())
    }

    /// Killed between its creation and its first save.
    fn is_empty(&self) -> Result<bool, Error> {
        let length = std::fs::metadata(&self.path).map(|metadata| metadata.len());
        length
            .map(|length| length == 0)
            .map_err(Error::io(format!("reading {}", self.path.display())))
    }

    fn unreadable(&self, error: &rusqlite::Error) -> Error {
        let mut first = [0];
        let read = File::open(&self.path).and_then(|mut file| file.read_exact(&mut first));
        let reason = match read {
            Ok(()) if first == *b"{" => {
                "it was written by an earlier version, which kept JSON".to_owned()
            }
            _ => error.to_string(),
        };
        Error::StateFormat { path: self.path.clone(), reason }
    }

    /// Reads the state; `None` if nothing was saved yet.
    ///
    /// # Errors
    /// [`Error::StateDamaged`] if it does not read back as it was written;
    /// [`Error::StateOfNewerFirmware`].
    pub(crate) fn load(&self, firmware: Firmware) -> Result<Option<State>, Error> {
        match load(&self.connection) {
            Ok(Some(state)) if state.firmware > firmware => Err(Error::StateOfNewerFirmware {
                path: self.path.clone(),
                found: state.firmware.to_string(),
                wanted: firmware.to_string(),
            }),
            Ok(state) => Ok(state),
            Err(LoadError(reason)) => Err(damaged(&self.path, &reason)),
        }
    }

    /// Writes what has changed, in one transaction.
    ///
    /// # Errors
    /// The database cannot be written; then `state` still counts as changed.
    pub(crate) fn save(&mut self, state: &mut State) -> Result<(), Error> {
        if !state.is_changed() {
            return Ok(());
        }
        save(&mut self.connection, state).map_err(|error| {
            let context = format!("writing {}", self.path.display());
            Error::io(context)(std::io::Error::other(error))
        })?;
        state.saved();
        Ok(())
    }
}

fn damaged(path: &Path, reason: &str) -> Error {
    Error::StateDamaged { path: path.to_owned(), reason: reason.to_owned() }
}

fn lock(path: &Path) -> Result<File, Error> {
    let lock_path = with_suffix(path, ".lock");
    let lock =
        open_private(&lock_path).map_err(Error::io(format!("opening {}", lock_path.display())))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::StateInUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => {
            Err(Error::io(format!("locking {}", lock_path.display()))(source))
        }
    }
}

/// Earlier versions wrote the whole state, keys and all, to a temporary file (`.tmp` and six
/// characters, with the contents of a state) and left it behind when they were killed.
fn remove_leftovers(path: &Path) {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_temporary = name.to_str().is_some_and(|name| name.starts_with(".tmp"));
        if is_temporary && is_leftover(&entry.path()) {
            // What cannot be removed is no reason not to start.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_leftover(path: &Path) -> bool {
    const BEGINNING: &[u8] = br#"{"format":"keepsake/hsm-mock-state/"#;
    let mut start = [0; BEGINNING.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == BEGINNING
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
#[path = "state_file/tests.rs"]
mod tests;
