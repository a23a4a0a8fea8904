//! How often a PIN may be tried. Pure: the clock is an argument.

use crate::error::PasskeyError;
use sealed_keys::{Argon2Params, SecretText};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Wrong PINs before everything is erased.
pub const TRIES: u32 = 10;

/// Six digits and ten tries: one chance in 100,000.
pub const MIN_PIN_CHARS: usize = 6;

/// As CTAP 2.1, 6.5.1 allows for a security key.
pub const MAX_PIN_BYTES: usize = 63;

/// Wrong PINs without a delay: a person mistypes.
const FREE: u32 = 3;

/// After the third wrong PIN; doubles with each further one: 30 s, 1, 2, 4, 8, 16, 32 minutes.
const FIRST_DELAY: u64 = 30;

/// The state that is kept on disk, where a try is counted before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PinState {
    pub salt: [u8; 32],
    pub params: Argon2Params,
    wrong: u32,
    /// Unix seconds of the last try.
    last: u64,
}

impl PinState {
    pub(super) fn new(salt: [u8; 32]) -> Self {
        // Unlike a recovery code, a PIN is typed rarely and has no vault that counts for it: 64
        // MiB, 3 passes.
        Self { salt, params: Argon2Params { m_kib: 64 * 1024, t: 3, p: 1 }, wrong: 0, last: 0 }
    }

    pub(super) fn tries_left(&self) -> u32 {
        TRIES.saturating_sub(self.wrong)
    }

    /// Errors: `TooSoon`, `Wiped`.
    pub(super) fn allow(&self, now: u64) -> Result<(), PasskeyError> {
        match (self.tries_left(), self.wait(now)) {
            (0, _) => Err(PasskeyError::Wiped),
            (_, 0) => Ok(()),
            (tries_left, wait_seconds) => Err(PasskeyError::TooSoon { tries_left, wait_seconds }),
        }
    }

    /// To be written to disk before the PIN is looked at.
    pub(super) fn count_try(&mut self, now: u64) {
        self.wrong = self.wrong.saturating_add(1);
        self.last = now;
    }

    pub(super) fn was_right(&mut self) {
        self.wrong = 0;
    }

    /// Seconds until the next try. A clock that was set back does not make it longer than the delay
    /// itself.
    pub(super) fn wait(&self, now: u64) -> u64 {
        let delay = delay(self.wrong);
        self.last.saturating_add(delay).saturating_sub(now).min(delay)
    }
}

fn delay(wrong: u32) -> u64 {
    if wrong < FREE { 0 } else { FIRST_DELAY << (wrong - FREE).min(TRIES) }
}

/// Errors: `PinLength`.
pub(crate) fn check_new(pin: &SecretText) -> Result<(), PasskeyError> {
    let fine = pin.expose().chars().count() >= MIN_PIN_CHARS && pin.expose().len() <= MAX_PIN_BYTES;
    if fine {
        Ok(())
    } else {
        Err(PasskeyError::PinLength { least: MIN_PIN_CHARS, most: MAX_PIN_BYTES })
    }
}

/// One form whatever the keyboard: Unicode NFC, as CTAP 2.1, 6.5.1.
pub(crate) fn normalised(pin: &SecretText) -> SecretText {
    SecretText::new(pin.expose().nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_and_the_tenth_wrong_try_is_the_last() {
        let mut state = PinState::new([0; 32]);
        let mut now = 1_000_000;
        let mut waits = vec![];
        for _ in 0..TRIES {
            state.allow(now).unwrap();
            state.count_try(now);
            waits.push(state.wait(now));
            now += state.wait(now);
        }
        assert_eq!(waits, [0, 0, 30, 60, 120, 240, 480, 960, 1920, 3840]);
        assert_eq!(state.allow(now + 1_000_000), Err(PasskeyError::Wiped));
    }

    #[test]
    fn a_try_too_soon_is_refused_and_not_counted() {
        let mut state = PinState::new([0; 32]);
        (0..4).for_each(|_| state.count_try(100));
        assert_eq!(state.allow(159), Err(PasskeyError::TooSoon { tries_left: 6, wait_seconds: 1 }));
        assert_eq!(state.allow(160), Ok(()));
        assert_eq!(state.allow(1), Err(PasskeyError::TooSoon { tries_left: 6, wait_seconds: 60 }));
    }

    #[test]
    fn the_same_pin_from_another_keyboard_is_the_same() {
        let (composed, decomposed) = ("ge\u{e9}nte", "gee\u{301}nte");
        assert_eq!(
            normalised(&SecretText::new(composed.into())),
            normalised(&SecretText::new(decomposed.into()))
        );
    }
}
