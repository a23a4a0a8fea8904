//! What the key has only while it is plugged in.

use crate::commands::Assertion;
use crate::pin_protocol::{KeyAgreement, Protocol};
use crate::token::Token;
use std::time::Instant;

/// Wrong PINs in a row before the key wants to be unplugged (CTAP 2.1, 6.5.5.7).
const WRONG_IN_A_ROW: u8 = 3;

pub(crate) struct Power {
    pub since: Instant,
    one: KeyAgreement,
    two: KeyAgreement,
    /// The last one that was given out; it ends all others.
    pub token: Option<Token>,
    wrong: u8,
    /// More accounts that the last assertion could have been for.
    pub next: Option<Assertion>,
}

impl Power {
    pub(crate) fn up(since: Instant) -> Self {
        Self {
            since,
            one: KeyAgreement::generate(),
            two: KeyAgreement::generate(),
            token: None,
            wrong: 0,
            next: None,
        }
    }

    pub(crate) fn key_agreement(&self, protocol: Protocol) -> &KeyAgreement {
        match protocol {
            Protocol::One => &self.one,
            Protocol::Two => &self.two,
        }
    }

    /// Only a power cycle allows another try.
    pub(crate) fn is_pin_blocked(&self) -> bool {
        self.wrong >= WRONG_IN_A_ROW
    }

    pub(crate) fn right_pin(&mut self) {
        self.wrong = 0;
    }

    /// The key agreement changes, so that a guess cannot be sent again.
    pub(crate) fn wrong_pin(&mut self, protocol: Protocol) {
        self.wrong = self.wrong.saturating_add(1);
        match protocol {
            Protocol::One => self.one = KeyAgreement::generate(),
            Protocol::Two => self.two = KeyAgreement::generate(),
        }
    }
}
