//! What keys and codes refuse.

use super::NOTHING_CHANGED;
use crate::{AppError, NextStep};
use sealed_keys::{CodeError, DeviceKeyError, KeyError};

impl From<CodeError> for AppError {
    fn from(error: CodeError) -> Self {
        let code = if error == CodeError::Parameters { "damaged" } else { "code_typo" };
        Self::new(
            code,
            format!("That cannot be the code: {error}."),
            "No try was spent.",
            NextStep::CompareCode,
        )
    }
}

impl From<KeyError> for AppError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Code(e) => e.into(),
            KeyError::WrongKey(what) => Self::new(
                "wrong_key",
                format!("This key does not open {what}."),
                NOTHING_CHANGED,
                NextStep::MatchKeyAndBackup,
            ),
            KeyError::Damaged(_) | KeyError::Malformed { .. } => Self::new(
                "damaged",
                format!("A key file cannot be used: {error}."),
                "Nothing was changed. What still opens elsewhere stays as it is.",
                NextStep::UseAnotherCopyOrOfflineKey,
            ),
            KeyError::Unsupported(_) => {
                Self::new("too_new", format!("{error}."), NOTHING_CHANGED, NextStep::UpdateKeepsake)
            }
            KeyError::Outdated(what) => Self::old_vault(&format!("This backup's {what}")),
            KeyError::NoSuchSlot => Self::new(
                "no_way_in",
                "This backup has no such way in.",
                NOTHING_CHANGED,
                NextStep::ChooseAnotherWayIn,
            ),
            KeyError::UnknownComputer => Self::new(
                "unknown_computer",
                "The backup's key was changed by a computer that this one has never met there.",
                NOTHING_CHANGED,
                NextStep::RecoverIfThatWasYou,
            ),
            KeyError::LastSlot => Self::new(
                "last_way_in",
                "This is the last way into the backup.",
                NOTHING_CHANGED,
                NextStep::AddAnotherWayInFirst,
            ),
        }
    }
}

impl From<DeviceKeyError> for AppError {
    fn from(error: DeviceKeyError) -> Self {
        let next = match error {
            DeviceKeyError::NoKeyringService(_) => NextStep::StartKeyringService,
            DeviceKeyError::Locked | DeviceKeyError::Denied => NextStep::UnlockKeyring,
            DeviceKeyError::NotFound | DeviceKeyError::Damaged => NextStep::RecoverIntoEmptyHome,
            DeviceKeyError::BadHomeId | DeviceKeyError::Io(_) => NextStep::CheckHome,
        };
        let happened = format!("This computer's own key cannot be used: {error}.");
        Self::new("device_key", happened, NOTHING_CHANGED, next)
    }
}
