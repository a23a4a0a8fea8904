//! `proofs.json`: when a person last proved a way back, and whether they want to be reminded.

use crate::{AppError, Keepsake, NextStep, Result};
use serde::{Deserialize, Serialize};

const NAME: &str = "proofs.json";
const TYPE: &str = "keepsake/proofs/v1";
const MAX_FILE: u64 = 1024;

/// Paper gets lost and keys break within months, not days: a season.
const DRILL_EVERY: u64 = 90 * 24 * 60 * 60;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Proofs {
    #[serde(rename = "type")]
    kind: String,
    /// Unix seconds.
    pub last: Option<u64>,
    /// The person wants no reminder any more.
    pub silent: bool,
}

impl Proofs {
    pub(super) fn read(keepsake: &Keepsake) -> Result<Self> {
        let Some(bytes) = keepsake.read(NAME, MAX_FILE)? else {
            return Ok(Self { kind: TYPE.into(), last: None, silent: false });
        };
        let next = NextStep::MoveProofsAway;
        let damaged = |why: &dyn std::fmt::Display| AppError::damaged(NAME, why, next);
        let file: Self = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        if file.kind == TYPE { Ok(file) } else { Err(damaged(&"unknown type")) }
    }

    pub(super) fn write(&self, keepsake: &Keepsake) -> Result<()> {
        keepsake.write(NAME, &serde_json::to_vec(self).expect("plain data"))
    }

    /// It is time to prove a way back again. Nothing is due before there was one.
    pub(super) fn is_due(&self, now: u64) -> bool {
        !self.silent && self.last.is_some_and(|last| now.saturating_sub(last) >= DRILL_EVERY)
    }
}

/// Just now the person showed that they have a way back: a code, a kit or a passkey that works.
pub(crate) fn note_proof(keepsake: &Keepsake) -> Result<()> {
    let before = Proofs::read(keepsake)?;
    Proofs { last: Some(keepsake.now()), ..before }.write(keepsake)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proofs(last: Option<u64>, silent: bool) -> Proofs {
        Proofs { kind: TYPE.into(), last, silent }
    }

    #[test]
    fn a_way_back_is_to_be_proved_every_ninety_days_unless_the_person_declined() {
        let day = 24 * 60 * 60;
        assert!(!proofs(None, false).is_due(1000 * day));
        assert!(!proofs(Some(10 * day), false).is_due(99 * day));
        assert!(proofs(Some(10 * day), false).is_due(100 * day));
        assert!(!proofs(Some(10 * day), true).is_due(1000 * day));
        assert!(!proofs(Some(10 * day), false).is_due(5 * day), "a clock that was put back");
    }
}
