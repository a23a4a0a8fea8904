//! What can go wrong with a device.

use std::fmt;
use std::path::PathBuf;

/// Why something was not done with a device.
#[derive(Debug, thiserror::Error)]
pub enum HsmError {
    /// It was not reached, or its answer was lost: then it may have done what it was asked. Why,
    /// for an engineer.
    #[error("the device cannot be reached: {0}")]
    Unreachable(String),
    /// It answered with an error code.
    #[error("the device refused {command}: {refusal}")]
    Refused {
        /// What it was asked.
        command: &'static str,
        /// The code.
        refusal: Refusal,
    },
    /// Nothing was sent.
    #[error("the device cannot be sent this {what}: {reason}")]
    NotSendable {
        /// What should have been sent.
        what: &'static str,
        /// For an engineer.
        reason: String,
    },
    /// Not of the form that Yubico describes, or not authentic.
    #[error("the device's answer to {command} is not usable: {reason}")]
    BadAnswer {
        /// What it was asked.
        command: &'static str,
        /// For an engineer.
        reason: String,
    },
    /// It does no work that it would have to log until it may forget entries.
    #[error("the device's audit log is full")]
    LogFull,
    /// The device has no such authentication key, or another one under this id.
    #[error("authentication key 0x{0:04x} was not accepted")]
    WrongAuthKey(u16),
    /// The device has neither the ceremony's key for a login nor the one that its site made.
    #[error(
        "the device accepts neither the ceremony's key for login 0x{login:04x} nor one of this site's own in {folder}. \
         If the state directory was lost or set back, put that folder back from its newest copy; without it the device \
         cannot be used any more and needs a new ceremony. If the folder is as this site left it, somebody else has \
         changed the login, or it is another device"
    )]
    NoOwnKey {
        /// Which login.
        login: u16,
        /// Where its site's keys should be.
        folder: PathBuf,
    },
    /// The device restarted, or the session idled out; opening a new one may help.
    #[error("the session with the device was lost")]
    SessionLost,
    /// A key file cannot be used; the text never holds key material.
    #[error("authentication key file: {0}")]
    Key(String),
}

impl HsmError {
    pub(crate) fn bad_answer(command: &'static str, reason: impl Into<String>) -> Self {
        Self::BadAnswer { command, reason: reason.into() }
    }
}

/// The error code with which a device answers a command (yubihsm.h of yubihsm-shell 2.8.0). A full
/// log is
/// [`HsmError::LogFull`]: it says nothing about the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The firmware does not have it.
    InvalidCommand,
    /// An argument is not acceptable.
    InvalidData,
    /// No such session is open.
    InvalidSession,
    /// A cryptogram or MAC is wrong.
    AuthenticationFailed,
    /// All 16 are taken.
    SessionsFull,
    /// The session could not go on.
    SessionFailed,
    /// The object could not be stored, or there is no room.
    StorageFailed,
    /// The message is too short or too long.
    WrongLength,
    /// The login, or the key, has not the capability or the domain.
    InsufficientPermissions,
    /// No object has this id and type.
    ObjectNotFound,
    /// The id is not one that can be used.
    InvalidId,
    /// It could have been, and was not.
    NotExecuted,
    /// The id and type are in use.
    ObjectExists,
    /// It was turned off in this device.
    AlgorithmDisabled,
    /// Any other code.
    Other(u8),
}

/// Each code, the refusal, and how it is worded.
const REFUSALS: [(u8, Refusal, &str); 14] = [
    (0x01, Refusal::InvalidCommand, "invalid command"),
    (0x02, Refusal::InvalidData, "invalid data"),
    (0x03, Refusal::InvalidSession, "invalid session"),
    (0x04, Refusal::AuthenticationFailed, "authentication failed"),
    (0x05, Refusal::SessionsFull, "all 16 sessions are in use"),
    (0x06, Refusal::SessionFailed, "session failed"),
    (0x07, Refusal::StorageFailed, "storage failed"),
    (0x08, Refusal::WrongLength, "wrong length"),
    (0x09, Refusal::InsufficientPermissions, "insufficient permissions"),
    (0x0b, Refusal::ObjectNotFound, "object not found"),
    (0x0c, Refusal::InvalidId, "invalid id"),
    (0x0f, Refusal::NotExecuted, "command not executed"),
    (0x11, Refusal::ObjectExists, "object exists already"),
    (0x12, Refusal::AlgorithmDisabled, "algorithm disabled"),
];

impl Refusal {
    /// Every code has one.
    pub fn of(code: u8) -> Self {
        let known = REFUSALS.iter().find(|(known, ..)| *known == code);
        known.map_or(Self::Other(code), |(_, refusal, _)| *refusal)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = REFUSALS.iter().find(|(_, refusal, _)| refusal == self);
        match (self, known) {
            (Self::Other(code), _) => write!(f, "device error 0x{code:02x}"),
            (_, Some((.., words))) => f.write_str(words),
            (_, None) => write!(f, "{self:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_a_refusal_in_words_of_its_own() {
        let all: Vec<Refusal> = (0..=u8::MAX).map(Refusal::of).collect();
        let words: std::collections::BTreeSet<String> =
            all.iter().map(ToString::to_string).collect();
        assert_eq!(words.len(), 256);
        assert_eq!(Refusal::of(0x05).to_string(), "all 16 sessions are in use");
        assert_eq!(Refusal::of(0xee), Refusal::Other(0xee));
        assert_eq!(Refusal::of(0xee).to_string(), "device error 0xee");
    }
}
