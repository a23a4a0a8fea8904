//! What a program remembers in one JSON file.

use crate::{read_if_there, write_private};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How a state file says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON object whose `type` is `<name>/v<version>`.
    Typed { name: &'static str, version: u32 },
    /// Any JSON value: the file's name alone says what it is.
    Untyped,
}

/// What a program remembers in one JSON file.
pub trait State: Serialize + DeserializeOwned {
    const FORMAT: Format;
    /// Longest file, in bytes.
    const MAX_BYTES: u64;
}

/// Why a state file is not read or written. The texts name no path.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it is no {wanted} but {found:?}")]
    Foreign { wanted: &'static str, found: String },
    #[error("it is of version {found} of {name}, and this program knows {wanted}")]
    OtherVersion { name: &'static str, found: u32, wanted: u32 },
    #[error("{0}")]
    Malformed(String),
    #[error("it would be longer than {0} bytes, and could not be read again")]
    TooLong(u64),
}

impl From<StateFileError> for io::Error {
    fn from(error: StateFileError) -> Self {
        match error {
            StateFileError::Io(error) => error,
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}

/// One JSON file with a [`State`], readable by its owner only, replaced as a whole.
#[derive(Clone, Debug)]
pub struct StateFile<T> {
    path: PathBuf,
    state: PhantomData<fn() -> T>,
}

#[derive(Serialize)]
struct Document<'a, T> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    state: &'a T,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

impl<T: State> StateFile<T> {
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), state: PhantomData }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The state; `None` if nothing was ever written.
    ///
    /// # Errors
    /// Not readable or too long, another program's or another version's, or damaged.
    pub fn read(&self) -> Result<Option<T>, StateFileError> {
        let Some(bytes) = read_if_there(&self.path, T::MAX_BYTES)?.map(Zeroizing::new) else {
            return Ok(None);
        };
        check_type::<T>(&bytes)?;
        serde_json::from_slice(&bytes).map(Some).map_err(malformed)
    }

    /// Replaces what is there. A missing folder is made, private to its owner.
    ///
    /// # Errors
    /// Any of the file system, or longer than may be read; then the old state is still there.
    pub fn write(&self, state: &T) -> Result<(), StateFileError> {
        let bytes = Zeroizing::new(to_json(state)?);
        if bytes.len() as u64 > T::MAX_BYTES {
            return Err(StateFileError::TooLong(T::MAX_BYTES));
        }
        Ok(write_private(&self.path, &bytes)?)
    }
}

fn to_json<T: State>(state: &T) -> Result<Vec<u8>, StateFileError> {
    match T::FORMAT {
        Format::Untyped => serde_json::to_vec_pretty(state),
        Format::Typed { name, version } => {
            serde_json::to_vec_pretty(&Document { kind: format!("{name}/v{version}"), state })
        }
    }
    .map_err(malformed)
}

fn check_type<T: State>(bytes: &[u8]) -> Result<(), StateFileError> {
    let Format::Typed { name, version } = T::FORMAT else { return Ok(()) };
    let Kind { kind } = serde_json::from_slice(bytes).map_err(malformed)?;
    let found = kind.strip_prefix(name).and_then(|rest| rest.strip_prefix("/v")?.parse().ok());
    match found {
        Some(found) if found == version => Ok(()),
        Some(found) => Err(StateFileError::OtherVersion { name, found, wanted: version }),
        None => {
            // As much of it as a person can tell it by.
            let found = kind.chars().take(64).collect();
            Err(StateFileError::Foreign { wanted: name, found })
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn malformed(error: serde_json::Error) -> StateFileError {
    StateFileError::Malformed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Places {
        places: Vec<String>,
    }

    impl State for Places {
        const FORMAT: Format = Format::Typed { name: "keepsake/test-places", version: 2 };
        const MAX_BYTES: u64 = 128;
    }

    fn file() -> (tempfile::TempDir, StateFile<Places>) {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::at(folder.path().join("new/places.json"));
        (folder, file)
    }

    #[test]
    fn a_state_reads_back_and_is_one_json_object_that_begins_with_its_type() {
        let (_folder, file) = file();
        assert_eq!(file.read().unwrap(), None);
        let places = Places { places: vec!["a".into()] };
        file.write(&places).unwrap();
        assert_eq!(file.read().unwrap(), Some(places));
        let text = fs::read_to_string(file.path()).unwrap();
        let expected =
            "{\n  \"type\": \"keepsake/test-places/v2\",\n  \"places\": [\n    \"a\"\n  ]\n}";
        assert_eq!(text, expected);
    }

    #[cfg(unix)]
    #[test]
    fn it_and_its_folder_are_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, file) = file();
        file.write(&Places { places: vec![] }).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(file.path()), 0o600);
        assert_eq!(mode(file.path().parent().unwrap()), 0o700);
    }

    #[test]
    fn what_is_not_this_state_is_refused_by_its_name_and_left_alone() {
        let (_folder, file) = file();
        file.write(&Places { places: vec![] }).unwrap();
        let refused = |content: &str| {
            fs::write(file.path(), content).unwrap();
            let error = file.read().unwrap_err();
            assert_eq!(fs::read_to_string(file.path()).unwrap(), content);
            error
        };
        let foreign = refused(r#"{"type": "keepsake/account/v2", "places": []}"#);
        assert!(foreign.to_string().contains("\"keepsake/account/v2\""), "{foreign}");
        assert!(matches!(foreign, StateFileError::Foreign { .. }));
        let version = refused(r#"{"type": "keepsake/test-places/v1", "places": []}"#);
        assert!(matches!(version, StateFileError::OtherVersion { found: 1, wanted: 2, .. }));
        for bad in ["", "[]", "{}", r#"{"type": "keepsake/test-places/v2"}"#, r#"{"type": 2}"#] {
            assert!(matches!(refused(bad), StateFileError::Malformed(_)), "{bad}");
        }
        assert!(matches!(refused(&" ".repeat(129)), StateFileError::Io(_)));
    }

    #[test]
    fn a_state_that_could_not_be_read_again_does_not_replace_one_that_can() {
        let (_folder, file) = file();
        file.write(&Places { places: vec![] }).unwrap();
        let long = Places { places: vec!["x".repeat(128)] };
        assert!(matches!(file.write(&long), Err(StateFileError::TooLong(128))));
        assert_eq!(file.read().unwrap(), Some(Places { places: vec![] }));
    }
}
