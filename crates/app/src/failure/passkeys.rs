use super::{NO_TRY, within};
use crate::AppError;
use crate::error::NOTHING_CHANGED;
use passkey_unlock::PasskeyError;
use vault_client::VaultError;

impl AppError {
    /// `seconds` more; 0 if that is not known.
    pub(crate) fn passkey_too_soon(seconds: u64) -> Self {
        let wait = if seconds == 0 { String::new() } else { format!(": {} more", within(seconds)) };
        Self::new(
            "passkey_too_soon",
            format!("After answers of passkeys that did not verify, the vault makes everybody wait{wait}."),
            NO_TRY,
            "Wait, then try again. If it was not you, somebody knows of your account: your passkeys keep working.",
        )
    }
}

impl From<PasskeyError> for AppError {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::Cancelled => Self::cancelled(NOTHING_CHANGED),
            PasskeyError::WrongPin { tries_left, wait_seconds } => wrong_pin(tries_left, wait_seconds),
            PasskeyError::TooSoon { tries_left, wait_seconds } => Self::new(
                "pin_too_soon",
                format!("After wrong PINs there is a wait: {wait_seconds} s more. {tries_left} tries are left."),
                "No try was spent.",
                "Wait, then type the PIN again.",
            ),
            PasskeyError::PinLength { least, most } => Self::new(
                "pin_length",
                format!("A PIN has {least} characters or more, and at most {most} bytes."),
                NOTHING_CHANGED,
                "Choose a longer or shorter one.",
            ),
            PasskeyError::Wiped => Self::new(
                "pin_wiped",
                "Too many wrong PINs: the passkeys kept on this computer were erased.",
                "Your chats and backups are untouched, and your other ways in keep working.",
                "Use your recovery code or another passkey, then add a new passkey here.",
            ),
            PasskeyError::NoPasskey => Self::new(
                "no_passkey_here",
                "No passkey for this backup is kept here.",
                NOTHING_CHANGED,
                "Use the security key or the computer that the passkey was made on, or your recovery code.",
            ),
            PasskeyError::AlreadyThere => Self::new(
                "passkey_exists",
                "This account has a passkey here already.",
                NOTHING_CHANGED,
                "Use it: restoring with it once makes this computer know it. Or remove it first.",
            )
            .with_command("keepsake vault recover --passkey"),
            PasskeyError::Replug | PasskeyError::KeyBlocked | PasskeyError::NoDevice => security_key(&error),
            PasskeyError::NoKeyring(_) | PasskeyError::KeyringLocked => Self::new(
                "no_keyring",
                format!("A passkey on this computer needs its keyring: {error}."),
                "No passkey was kept anywhere else: there is no fall-back to a file.",
                "Start or unlock the keyring (for example gnome-keyring), or use a security key.",
            ),
            PasskeyError::Unsupported(why) => Self::new(
                "passkey_unsupported",
                format!("This passkey cannot be used: {why}."),
                NOTHING_CHANGED,
                "Use another security key, or a passkey on this computer.",
            ),
            PasskeyError::Damaged(what) => Self::damaged(
                &capital(&what),
                "altered or unreadable",
                "Use your recovery code or another passkey, then add a new passkey.",
            ),
            PasskeyError::Io(why) => Self::new(
                "passkey_io",
                format!("The passkey could not be reached: {why}."),
                NOTHING_CHANGED,
                "Check that the security key is plugged in and that you may use it, then try again.",
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
            "Try again; if it stays, use your recovery code or another passkey.",
        ),
        VaultError::PasskeyTooSoon { .. } => AppError::passkey_too_soon(0),
        VaultError::WrongRoster { .. } => AppError::new(
            "passkeys_changed",
            "The passkeys were changed on another computer meanwhile.",
            NOTHING_CHANGED,
            "Look at the list of passkeys, then try again.",
        ),
        VaultError::ChallengeExpired => AppError::new(
            "challenge_expired",
            "It took too long: the fleet's question was not good any more.",
            NO_TRY,
            "Start again. The security key should be at hand before you do.",
        ),
        _ => AppError::new(
            "passkey_removed",
            "The fleet does not know this passkey any more: it was removed, and its part of the key destroyed.",
            NO_TRY,
            "Use your recovery code or another passkey.",
        ),
    }
}

fn wrong_pin(tries_left: u32, wait_seconds: u64) -> AppError {
    let wait = if wait_seconds == 0 { String::new() } else { format!(" The next may come in {wait_seconds} s.") };
    let left = if tries_left == 1 { "1 try is".into() } else { format!("{tries_left} tries are") };
    let mut error = AppError::new(
        "wrong_pin",
        format!("The PIN is wrong, {left} left.{wait}"),
        NOTHING_CHANGED,
        "Type the PIN again. After the last wrong one the passkeys kept here cannot be used any more.",
    );
    error.tries_left = u8::try_from(tries_left).ok();
    error
}

fn security_key(error: &PasskeyError) -> AppError {
    let next = match error {
        PasskeyError::Replug => "Pull the security key out, plug it in again, and type the PIN with care.",
        PasskeyError::KeyBlocked => {
            "Use your recovery code or another passkey. A reset with the key's own tool erases all its passkeys."
        }
        _ => "Plug the security key in and try again.",
    };
    AppError::new("security_key", format!("{}.", capital(&error.to_string())), NOTHING_CHANGED, next)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
