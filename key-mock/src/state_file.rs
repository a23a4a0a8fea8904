//! The state on disk: one JSON document with a checksum, replaced as a whole.

use crate::error::Error;
use crate::kept::Kept;
use durable_files::{Readers, open_private, read_if_there, write_whole};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const FORMAT: &str = "keepsake/key-mock-state/v1";

/// 100 credentials, each from a message of at most 1,200 bytes, six times that where JSON escapes
/// every one of them, and less than 1 KiB of secrets.
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
pub(crate) struct StateFile {
    path: PathBuf,
    /// What was last written, so that commands that only read write nothing.
    written: Option<Kept>,
    _lock: File,
}

impl StateFile {
    /// Takes the file for this process. It need not exist yet. Errors: [`Error::StateInUse`],
    /// [`Error::Io`].
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let lock_path = lock_path(path);
        let failed = |what: &str| Error::io(format!("{what} {}", lock_path.display()));
        let lock = open_private(&lock_path).map_err(failed("opening"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), written: None, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::StateInUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed("locking")(source)),
        }
    }

    /// `None` if there is no file. Errors: [`Error::StateDamaged`], [`Error::Io`].
    pub(crate) fn load(&self) -> Result<Option<Kept>, Error> {
        let damaged = |reason: String| Error::StateDamaged { path: self.path.clone(), reason };
        match read_if_there(&self.path, LARGEST) {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => decode(&Zeroizing::new(bytes)).map(Some).map_err(damaged),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(damaged(error.to_string()))
            }
            Err(error) => Err(Error::io(format!("reading {}", self.path.display()))(error)),
        }
    }

    /// Replaces the file as a whole, durably, for its owner only. Errors: [`Error::Io`].
    pub(crate) fn save(&mut self, kept: &Kept) -> Result<(), Error> {
        if self.written.as_ref() == Some(kept) {
            return Ok(());
        }
        let written =
            encode(kept).and_then(|bytes| write_whole(&self.path, &bytes, Readers::Owner));
        written.map_err(Error::io(format!("writing {}", self.path.display())))?;
        self.written = Some(kept.clone());
        Ok(())
    }
}

fn encode(kept: &Kept) -> io::Result<Zeroizing<Vec<u8>>> {
    let state = Zeroizing::new(serde_json::to_string(kept)?);
    let document = Document {
        format: FORMAT.to_owned(),
        notice: "MOCK: keys of an emulated security key, in the clear".to_owned(),
        sha256: hex::encode(Sha256::digest(state.as_bytes())),
        state: serde_json::from_str(&state)?,
    };
    Ok(Zeroizing::new(serde_json::to_vec(&document)?))
}

fn decode(bytes: &[u8]) -> Result<Kept, String> {
    let document: Document<'_> =
        serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if document.format != FORMAT {
        return Err(format!("unknown format {:?}", document.format));
    }
    if hex::encode(Sha256::digest(document.state.get().as_bytes())) != document.sha256 {
        return Err("wrong checksum".to_owned());
    }
    let kept: Kept =
        serde_json::from_str(document.state.get()).map_err(|error| error.to_string())?;
    kept.check()?;
    Ok(kept)
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{Credential, User};
    use crate::pin::Pin;
    use proptest::prelude::*;

    fn kept() -> Kept {
        let user = User { id: vec![1, 2], name: Some("ada".into()), display_name: None };
        let credential = Credential::generate("keepsake.invalid", user, true, true);
        Kept { pin: Pin::new("2718").unwrap(), counter: 7, credentials: vec![credential] }
    }

    #[cfg(unix)]
    #[test]
    fn a_state_reads_back_as_written_and_only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        let mut file = StateFile::open(&path).unwrap();
        assert_eq!(file.load().unwrap(), None);
        let kept = kept();
        file.save(&kept).unwrap();
        assert_eq!(file.load().unwrap(), Some(kept));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn two_processes_cannot_be_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        let _held = StateFile::open(&path).unwrap();
        assert!(matches!(StateFile::open(&path), Err(Error::StateInUse { .. })));
    }

    #[test]
    fn damage_is_reported_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        let mut file = StateFile::open(&path).unwrap();
        file.save(&kept()).unwrap();
        let good = std::fs::read(&path).unwrap();
        let mut flipped = good.clone();
        flipped[good.len() - 40] ^= 1;
        for bad in [&good[..good.len() / 2], b"", b"{}", &flipped, &vec![b' '; 2 * 1024 * 1024]] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(file.load(), Err(Error::StateDamaged { .. })));
            assert_eq!(std::fs::read(&path).unwrap(), bad);
        }
    }

    #[test]
    fn what_no_key_would_keep_is_refused_though_its_checksum_is_right() {
        let text = serde_json::to_string(&kept()).unwrap();
        let private = text.split("\"private\":\"").nth(1).unwrap()[..64].to_owned();
        for (from, to) in
            [(private.as_str(), "0".repeat(64)), ("\"tries\":8", "\"tries\":9".to_owned())]
        {
            let changed = text.replace(from, &to);
            assert_ne!(changed, text);
            let document = Document {
                format: FORMAT.into(),
                notice: String::new(),
                sha256: hex::encode(Sha256::digest(&changed)),
                state: serde_json::from_str(&changed).unwrap(),
            };
            assert!(decode(&serde_json::to_vec(&document).unwrap()).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_error_and_never_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            prop_assert!(decode(&bytes).is_err());
        }
    }
}
