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
    /// Not of the published form.
    #[error("{what} is malformed: {why}")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// For an engineer.
        why: String,
    },
    /// Written by a newer version of the format.
    #[error("{0} is of a newer version than this program reads")]
    Unsupported(String),
    /// It names an account in a vault of protocol version 1.
    #[error("the {0} is of version 1 of the vault protocol, which is not supported any more")]
    Outdated(&'static str),
    /// It was removed, or is another backup's.
    #[error("there is no such key slot")]
    NoSuchSlot,
    /// What was wrapped for this computer was wrapped by one that the caller does not trust.
    #[error("the key was changed by a computer that is not known here")]
    UnknownComputer,
    /// Removing it would leave nobody able to open the backup.
    #[error("this is the last key slot")]
    LastSlot,
    /// What was typed cannot be a code.
    #[error(transparent)]
    Code(#[from] CodeError),
}

/// A recovery code or offline key as typed cannot be one. Found out before a try is spent.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum CodeError {
    /// Characters are missing, or there are too many.
    #[error("the code has {got} characters, {want} are needed")]
    Length {
        /// Characters that were typed, separators aside.
        got: usize,
        /// Characters of a code.
        want: usize,
    },
    /// Position counts from 1, without separators.
    #[error("character {position} cannot occur in a code")]
    Character {
        /// Of the first such character.
        position: usize,
    },
    /// The characters do not belong together: one is wrong, or two changed places.
    #[error("there is a typing mistake in the code")]
    Checksum,
    /// Words are missing, or there are too many.
    #[error("there are {got} words, {want} are needed")]
    WordCount {
        /// Words that were typed.
        got: usize,
        /// Words of a key.
        want: usize,
    },
    /// Position counts from 1.
    #[error("word {position} is not in the list of words")]
    UnknownWord {
        /// Of the first such word.
        position: usize,
    },
    /// Each word is in the list, and one is not the right one or not in its place.
    #[error("one of the words is another, or two have changed places")]
    WordChecksum,
    /// An own code that anybody could guess.
    #[error("the code is too short: at least {least} characters")]
    TooShort {
        /// Characters that it must have.
        least: usize,
    },
    /// More than is stretched.
    #[error("the code is too long: at most {most} characters")]
    TooLong {
        /// Characters that it may have.
        most: usize,
    },
    /// A damaged or hostile header: see [`crate::Argon2Params`].
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
    /// It was never made, or the keyring was emptied.
    #[error("this computer has no key for this home")]
    NotFound,
    /// It is there, and is no key.
    #[error("the stored key is damaged")]
    Damaged,
    /// A home id may hold only `a-z`, `A-Z`, `0-9`, `-` and `_`, up to 64 of them.
    #[error("not a home id")]
    BadHomeId,
    /// Reading or writing it failed.
    #[error("the key file: {0}")]
    Io(#[from] std::io::Error),
}
