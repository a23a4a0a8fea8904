//! The state on disk: one JSON document with a checksum, replaced as a whole.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::state::State;

const FORMAT: &str = "keepsake/hsm-mock-state/v1";
/// A full device: 126 KiB of objects, twice that in hex, and less than 1 KiB of properties for each of 256 objects.
const LARGEST: u64 = 1024 * 1024;

/// The document around the state; the digest notices a damaged file before its content is trusted.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    format: String,
    notice: String,
    sha256: String,
    #[serde(borrow)]
    state: &'a RawValue,
}

/// A state file held by this process alone.
pub struct StateFile {
    path: PathBuf,
    /// Digest of what was last written, so that reading commands write nothing.
    written: Option<[u8; 32]>,
    _lock: File,
}

impl StateFile {
    /// Takes the file for this process. It need not exist yet.
    ///
    /// # Errors
    /// [`Error::StateInUse`] if another process has it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let lock_path = with_suffix(path, ".lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(Error::io(format!("opening {}", lock_path.display())))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), written: None, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::StateInUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => {
                Err(Error::io(format!("locking {}", lock_path.display()))(source))
            }
        }
    }

    /// Reads the state; `None` if there is no file.
    ///
    /// # Errors
    /// [`Error::StateDamaged`] if there is one that does not read back as it was written.
    pub fn load(&self) -> Result<Option<State>, Error> {
        let bytes = match self.read() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(format!("reading {}", self.path.display()))(error)),
        };
        let damaged = |reason: String| Error::StateDamaged { path: self.path.clone(), reason };
        decode(&bytes).map(Some).map_err(damaged)
    }

    fn read(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        let length = std::fs::metadata(&self.path)?.len();
        if length > LARGEST {
            return Ok(Zeroizing::default());
        }
        std::fs::read(&self.path).map(Zeroizing::new)
    }

    /// Writes the state if it differs from what was written last: a temporary file of mode 0600, fsync, rename, and
    /// fsync of the folder.
    pub fn save(&mut self, state: &State) -> Result<(), Error> {
        let context = format!("writing {}", self.path.display());
        let inner = Zeroizing::new(
            serde_json::to_string(state).map_err(|error| Error::io(&*context)(error.into()))?,
        );
        let digest: [u8; 32] = Sha256::digest(inner.as_bytes()).into();
        if self.written == Some(digest) {
            return Ok(());
        }
        self.replace(&inner, &digest).map_err(Error::io(context))?;
        self.written = Some(digest);
        Ok(())
    }

    fn replace(&self, state: &str, digest: &[u8]) -> io::Result<()> {
        let folder = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&encode(state, digest)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    }
}

fn encode(state: &str, digest: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    let document = Document {
        format: FORMAT.to_owned(),
        notice: "MOCK: keys of an emulated device, in the clear".to_owned(),
        sha256: hex::encode(digest),
        state: serde_json::from_str(state)?,
    };
    Ok(Zeroizing::new(serde_json::to_vec(&document)?))
}

fn decode(bytes: &[u8]) -> Result<State, String> {
    let document: Document<'_> =
        serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if document.format != FORMAT {
        return Err(format!("unknown format {:?}", document.format));
    }
    if hex::encode(Sha256::digest(document.state.get().as_bytes())) != document.sha256 {
        return Err("wrong checksum".to_owned());
    }
    let state: State =
        serde_json::from_str(document.state.get()).map_err(|error| error.to_string())?;
    match state.log.broken_at() {
        Some(number) => Err(format!("the audit log is broken at entry {number}")),
        None => Ok(state),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use proptest::prelude::*;

    use super::*;
    use crate::firmware::Firmware;

    fn state() -> State {
        State::new(7, Firmware::V2_4_0).unwrap()
    }

    #[test]
    fn a_state_reads_back_as_written_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut file = StateFile::open(&path).unwrap();
        assert_eq!(file.load().unwrap(), None);
        let state = state();
        file.save(&state).unwrap();
        assert_eq!(file.load().unwrap(), Some(state));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn an_unchanged_state_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut file = StateFile::open(&path).unwrap();
        let state = state();
        file.save(&state).unwrap();
        std::fs::remove_file(&path).unwrap();
        file.save(&state).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn two_processes_cannot_be_one_device() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let _held = StateFile::open(&path).unwrap();
        assert!(matches!(StateFile::open(&path), Err(Error::StateInUse { .. })));
    }

    #[test]
    fn damage_is_reported_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut file = StateFile::open(&path).unwrap();
        file.save(&state()).unwrap();
        let good = std::fs::read(&path).unwrap();
        let flipped = [&good[..good.len() - 40], b"0", &good[good.len() - 39..]].concat();
        for bad in [&good[..good.len() / 2], b"", b"{}", &flipped, &vec![b' '; 2 * 1024 * 1024]] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(file.load(), Err(Error::StateDamaged { .. })));
            assert_eq!(std::fs::read(&path).unwrap(), bad);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(decode(&bytes).is_err());
        }
    }
}
