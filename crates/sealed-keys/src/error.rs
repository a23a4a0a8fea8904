//! What can go wrong with keys, by what a caller can do about it.

/// A key, slot or sealed value was refused.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// The key commitment differs: this key never sealed this value.
    #[error("the key does not belong to {0}")]
    WrongKey(String),
    /// The key is right and the bytes are not: changed, cut or moved.
    #[error("{0} is damaged or was altered")]
    Damaged(String),
    #[error("{what} is malformed: {why}")]
    Malformed { what: &'static str, why: String },
    /// Written by a newer version of the format.
    #[error("{0} is of a newer version than this program reads")]
    Unsupported(String),
    /// It names an account in a vault of protocol version 1.
    #[error("the {0} is of version 1 of the vault protocol, which is not supported any more")]
    Outdated(&'static str),
    #[error("there is no such key slot")]
    NoSuchSlot,
    /// What was wrapped for this computer was wrapped by one that the caller does not trust.
    #[error("the key was changed by a computer that is not known here")]
    UnknownComputer,
    /// Removing it would leave nobody able to open the backup.
    #[error("this is the last key slot")]
    LastSlot,
    #[error(transparent)]
    Code(#[from] CodeError),
}

/// A recovery code or offline key as typed cannot be one. Found out before a try is spent.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum CodeError {
    #[error("the code has {got} characters, {want} are needed")]
    Length { got: usize, want: usize },
    /// Position counts from 1, without separators.
    #[error("character {position} cannot occur in a code")]
    Character { position: usize },
    #[error("there is a typing mistake in the code")]
    Checksum,
    #[error("there are {got} words, {want} are needed")]
    WordCount { got: usize, want: usize },
    /// Position counts from 1.
    #[error("word {position} is not in the list of words")]
    UnknownWord { position: usize },
    /// Each word is in the list, and one is not the right one or not in its place.
    #[error("one of the words is another, or two have changed places")]
    WordChecksum,
    #[error("the code is too short: at least {least} characters")]
    TooShort { least: usize },
    #[error("the code is too long: at most {most} characters")]
    TooLong { most: usize },
    #[error("the stretching parameters are out of bounds")]
    Parameters,
}

/// Why this computer's key could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum DeviceKeyError {
    /// No keyring answers here. The person may choose a key file instead.
    #[error("there is no keyring service: {0}")]
    NoKeyringService(String),
    /// The keyring is locked, or its unlock prompt was not answered in time.
    #[error("the keyring is locked")]
    Locked,
    /// The person or the system refused access.
    #[error("access to the keyring was denied")]
    Denied,
    #[error("this computer has no key for this home")]
    NotFound,
    #[error("the stored key is damaged")]
    Damaged,
    /// A home id may hold only `a-z`, `A-Z`, `0-9`, `-` and `_`, up to 64 of them.
    #[error("not a home id")]
    BadHomeId,
    #[error("the key file: {0}")]
    Io(#[from] std::io::Error),
}
