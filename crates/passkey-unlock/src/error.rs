//! What can go wrong with a passkey.

/// What went wrong, by what a person or a caller can do about it.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum PasskeyError {
    /// The person gave up.
    #[error("cancelled")]
    Cancelled,
    /// Another try is allowed after `wait_seconds`.
    #[error("wrong PIN, {tries_left} tries left")]
    WrongPin {
        /// Before the passkeys are gone or blocked.
        tries_left: u32,
        /// Before the next try.
        wait_seconds: u64,
    },
    /// Too soon after a wrong PIN. No try was spent.
    #[error("another try in {wait_seconds} s, {tries_left} tries left")]
    TooSoon {
        /// Before the passkeys are gone or blocked.
        tries_left: u32,
        /// Before the next try.
        wait_seconds: u64,
    },
    /// The new PIN has fewer characters or more bytes than allowed.
    #[error("the PIN must have {least} characters or more, and at most {most} bytes")]
    PinLength {
        /// Characters.
        least: usize,
        /// Bytes of UTF-8.
        most: usize,
    },
    /// Too many wrong PINs: the passkeys of this authenticator are gone or blocked for good.
    #[error("too many wrong PINs: the passkeys kept here are erased")]
    Wiped,
    /// This authenticator holds none of the passkeys asked for.
    #[error("no passkey for this backup is kept here")]
    NoPasskey,
    /// The account has a passkey here already.
    #[error("this backup has a passkey here already")]
    AlreadyThere,
    /// Too many wrong PINs in a row: the key wants to be pulled out and plugged in again.
    #[error("too many wrong PINs in a row: pull the security key out and plug it in again")]
    Replug,
    /// Too many wrong PINs at all: only a reset, which erases the key, makes it work again.
    #[error("the security key is blocked after too many wrong PINs")]
    KeyBlocked,
    /// None is connected, or not any more.
    #[error("no security key is connected")]
    NoDevice,
    /// Without a keyring nothing is kept: there is no fall-back to a file.
    #[error("this computer has no keyring to guard a passkey: {0}")]
    NoKeyring(String),
    /// The person may unlock it and try again.
    #[error("the keyring is locked, or refused")]
    KeyringLocked,
    /// The authenticator cannot do what is needed, or was asked for something it must not do.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// The kept passkeys, or an answer of a device, are altered or unreadable.
    #[error("{0} is damaged or was altered")]
    Damaged(String),
    /// The file of passkeys, or the way to a security key.
    #[error("the passkey cannot be reached: {0}")]
    Io(String),
}

impl From<std::io::Error> for PasskeyError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}
