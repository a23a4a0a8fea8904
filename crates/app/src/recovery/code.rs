//! Recovery codes as a person makes and types them.

use crate::model::CodeStrength;
use crate::{AppError, NextStep, RecoverySecret, Result};
use rand_core::OsRng;
use sealed_keys::{CodeError, RecoveryCode, RecoverySlot, Secret};
use zxcvbn::Score;

/// A chosen code needs a million guesses at least (zxcvbn score 2): the vault allows ten, a broken
/// majority far more.
const ENOUGH: u8 = 2;

/// How strong a chosen code is, for the meter beside the field. The vault's limit of ten tries is
/// what protects it; the strength counts if a majority of sites were ever broken.
pub(super) fn strength(typed: &str) -> CodeStrength {
    if let Err(e) = RecoveryCode::own(typed) {
        return CodeStrength {
            score: 0,
            acceptable: false,
            advice: format!("It cannot be used: {e}."),
        };
    }
    let estimate = zxcvbn::zxcvbn(typed, &[]);
    let score = match estimate.score() {
        Score::Zero => 0,
        Score::One => 1,
        Score::Two => 2,
        Score::Three => 3,
        _ => 4,
    };
    let hint = estimate.feedback().and_then(|f| f.warning()).map(|w| w.to_string());
    let advice = match (score >= ENOUGH, hint) {
        (true, _) => "Good enough. Write it down all the same.".to_string(),
        (false, Some(hint)) => format!("Too easy to guess: {hint}"),
        (false, None) => "Too easy to guess. Use several unrelated words.".to_string(),
    };
    CodeStrength { score, acceptable: score >= ENOUGH, advice }
}

/// The person's own code, or a new generated one.
pub(super) fn choose(own: Option<RecoverySecret>) -> Result<RecoveryCode> {
    let Some(own) = own else { return Ok(RecoveryCode::generate(&mut OsRng)) };
    let code = RecoveryCode::own(own.expose())?;
    let strength = strength(own.expose());
    if !strength.acceptable {
        return Err(AppError::new(
            "weak_code",
            format!("This code is too weak. {}", strength.advice),
            "Nothing was registered.",
            NextStep::ChooseLongerCode,
        ));
    }
    Ok(code)
}

/// Argon2id on a thread of its own: it takes tens of milliseconds.
pub(super) async fn stretch(code: &RecoveryCode, slot: &RecoverySlot) -> Result<Secret<32>> {
    let code = code.clone();
    let account = slot.at.account;
    let version = slot.version;
    let cost = slot.argon2;
    let stretched =
        tokio::task::spawn_blocking(move || code.stretch(&account, version, cost)).await;
    Ok(stretched.map_err(|_| AppError::from(CodeError::Parameters))??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_codes_are_refused_and_strong_ones_are_not() {
        for weak in ["password", "12345678", "short"] {
            assert!(!strength(weak).acceptable, "{weak}");
        }
        assert!(strength("violet harbour 9 tin kettles").acceptable);
        assert_eq!(
            choose(Some(RecoverySecret::new("password".into()))).err().unwrap().code,
            "weak_code"
        );
    }

    #[test]
    fn a_generated_code_is_taken_when_none_is_chosen() {
        assert_eq!(choose(None).unwrap().display().expose().len(), 19);
    }
}
