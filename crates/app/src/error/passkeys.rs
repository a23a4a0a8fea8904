//! What passkeys and their holders refuse.

use super::words::{capitalised, within};
use super::{NO_TRY, NOTHING_CHANGED};
use crate::{AppError, NextStep};
use passkey_unlock::PasskeyError;
use vault_client::VaultError;

impl AppError {
    /// `seconds` more; 0 if that is not known.
    pub(crate) fn passkey_too_soon(seconds: u64) -> Self {
        let wait = if seconds == 0 { String::new() } else { format!(": {} more", within(seconds)) };
        Self::new(
            "passkey_too_soon",
            format!(
                "After answers of passkeys that did not verify, the vault makes everybody wait{wait}."
            ),
            NO_TRY,
            NextStep::WaitThenUsePasskey,
        )
    }
}

impl From<PasskeyError> for AppError {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::Cancelled => Self::cancelled(NOTHING_CHANGED),
            PasskeyError::WrongPin { tries_left, wait_seconds } => {
                wrong_pin(tries_left, wait_seconds)
            }
            PasskeyError::TooSoon { tries_left, wait_seconds } => Self::new(
                "pin_too_soon",
                format!(
                    "After wrong PINs there is a wait: {wait_seconds} s more. {tries_left} tries are left."
                ),
                "No try was spent.",
                NextStep::WaitThenTypePin,
            ),
            PasskeyError::PinLength { least, most } => Self::new(
                "pin_length",
                format!("A PIN has {least} characters or more, and at most {most} bytes."),
                NOTHING_CHANGED,
                NextStep::ChooseAnotherPin,
            ),
            PasskeyError::Wiped => Self::new(
                "pin_wiped",
                "Too many wrong PINs: the passkeys kept on this computer were erased.",
                "Your chats and backups are untouched, and your other ways in keep working.",
                NextStep::UseCodeThenAddPasskeyHere,
            ),
            PasskeyError::NoPasskey => Self::new(
                "no_passkey_here",
                "No passkey for this backup is kept here.",
                NOTHING_CHANGED,
                NextStep::UsePasskeyElsewhere,
            ),
            PasskeyError::AlreadyThere => Self::new(
                "passkey_exists",
                "This account has a passkey here already.",
                NOTHING_CHANGED,
                NextStep::UsePasskeyThatIsThere,
            ),
            PasskeyError::Replug | PasskeyError::KeyBlocked | PasskeyError::NoDevice => {
                security_key(&error)
            }
            PasskeyError::NoKeyring(_) | PasskeyError::KeyringLocked => Self::new(
                "no_keyring",
                format!("A passkey on this computer needs its keyring: {error}."),
                "No passkey was kept anywhere else: there is no fall-back to a file.",
                NextStep::StartKeyringOrUseSecurityKey,
            ),
            PasskeyError::Unsupported(why) => Self::new(
                "passkey_unsupported",
                format!("This passkey cannot be used: {why}."),
                NOTHING_CHANGED,
                NextStep::UseAnotherSecurityKey,
            ),
            PasskeyError::Damaged(what) => Self::damaged(
                &capitalised(&what),
                "altered or unreadable",
                NextStep::UseCodeThenAddPasskey,
            ),
            PasskeyError::Io(why) => Self::new(
                "passkey_io",
                format!("The passkey could not be reached: {why}."),
                NOTHING_CHANGED,
                NextStep::CheckSecurityKey,
            ),
        }
    }
}

/// What a fleet says of passkeys.
pub(super) fn refused_by_fleet(error: &VaultError) -> AppError {
    match error {
        VaultError::PasskeyInvalid => AppError::new(
            "passkey_refused",
            "The fleet could not verify this passkey.",
            NO_TRY,
            NextStep::TryPasskeyAgain,
        ),
        VaultError::PasskeyTooSoon { .. } => AppError::passkey_too_soon(0),
        VaultError::WrongRoster { .. } => AppError::new(
            "passkeys_changed",
            "The passkeys were changed on another computer meanwhile.",
            NOTHING_CHANGED,
            NextStep::SeeChangedPasskeys,
        ),
        VaultError::ChallengeExpired => AppError::new(
            "challenge_expired",
            "It took too long: the fleet's question was not good any more.",
            NO_TRY,
            NextStep::StartAgainWithKeyAtHand,
        ),
        _ => AppError::new(
            "passkey_removed",
            "The fleet does not know this passkey any more: it was removed, and its part of the key destroyed.",
            NO_TRY,
            NextStep::UseCodeOrPasskey,
        ),
    }
}

fn wrong_pin(tries_left: u32, wait_seconds: u64) -> AppError {
    let wait = if wait_seconds == 0 {
        String::new()
    } else {
        format!(" The next may come in {wait_seconds} s.")
    };
    let left = if tries_left == 1 { "1 try is".into() } else { format!("{tries_left} tries are") };
    let mut error = AppError::new(
        "wrong_pin",
        format!("The PIN is wrong, {left} left.{wait}"),
        NOTHING_CHANGED,
        NextStep::TypePinAgain,
    );
    error.tries_left = u8::try_from(tries_left).ok();
    error
}

fn security_key(error: &PasskeyError) -> AppError {
    let next = match error {
        PasskeyError::Replug => NextStep::ReplugSecurityKey,
        PasskeyError::KeyBlocked => NextStep::ResetSecurityKey,
        _ => NextStep::PlugSecurityKeyIn,
    };
    AppError::new(
        "security_key",
        format!("{}.", capitalised(&error.to_string())),
        NOTHING_CHANGED,
        next,
    )
}
