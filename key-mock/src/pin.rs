//! The PIN and its tries (CTAP 2.1, 6.5.2 and 6.5.5).

use crate::error::Error;
use crate::secret::Secret;
use crate::status::Status;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub(crate) const TRIES: u8 = 8;
pub(crate) const MIN_CHARACTERS: usize = 4;

/// A new PIN comes padded with zeros to this length, at least one of them.
pub(crate) const PADDED: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pin {
    /// LEFT(SHA-256(PIN), 16); `None` until a PIN is set.
    hash: Option<Secret<16>>,
    tries: u8,
}

impl Default for Pin {
    fn default() -> Self {
        Self { hash: None, tries: TRIES }
    }
}

impl Pin {
    /// Errors: [`Error::Pin`].
    pub(crate) fn new(pin: &str) -> Result<Self, Error> {
        let mut new = Self::default();
        new.set(pin.as_bytes()).map_err(|_| Error::Pin)?;
        Ok(new)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.hash.is_some()
    }

    pub(crate) fn tries(&self) -> u8 {
        self.tries
    }

    /// Errors: `PinPolicyViolation`.
    pub(crate) fn set(&mut self, pin: &[u8]) -> Result<(), Status> {
        let characters = std::str::from_utf8(pin).map_or(0, |text| text.chars().count());
        if characters < MIN_CHARACTERS || pin.len() >= PADDED {
            return Err(Status::PinPolicyViolation);
        }
        let mut hash = [0; 16];
        hash.copy_from_slice(&Sha256::digest(pin)[..16]);
        *self = Self { hash: Some(Secret::new(hash)), tries: TRIES };
        Ok(())
    }

    /// Errors: `PinNotSet`, `PinBlocked`.
    pub(crate) fn may_be_tried(&self) -> Result<(), Status> {
        match (&self.hash, self.tries) {
            (None, _) => Err(Status::PinNotSet),
            (_, 0) => Err(Status::PinBlocked),
            _ => Ok(()),
        }
    }

    /// Spends a try, and gives all back if this is the hash of the PIN.
    pub(crate) fn is(&mut self, hash: &[u8]) -> bool {
        self.tries = self.tries.saturating_sub(1);
        let right = self.hash.as_ref().is_some_and(|kept| kept.expose().ct_eq(hash).into());
        if right {
            self.tries = TRIES;
        }
        right
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.tries <= TRIES { Ok(()) } else { Err(format!("{} tries", self.tries)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_4_characters_or_more_and_at_most_63_bytes() {
        for good in ["2718", "ünïc", &"1".repeat(63)] {
            assert!(Pin::new(good).is_ok(), "{good}");
        }
        for bad in ["", "123", "ünï", &"1".repeat(64)] {
            assert!(Pin::new(bad).is_err(), "{bad}");
        }
        assert_eq!(Pin::default().set(&[0xff; 8]), Err(Status::PinPolicyViolation), "not UTF-8");
    }
}
