use crate::AppError;
use crate::error::NOTHING_CHANGED;
use sealed_keys::{CodeError, DeviceKeyError, KeyError};

impl From<CodeError> for AppError {
    fn from(error: CodeError) -> Self {
        let code = if error == CodeError::Parameters { "damaged" } else { "code_typo" };
        Self::new(
            code,
            format!("That cannot be the code: {error}."),
            "No try was spent.",
            "Compare it with your recovery sheet, character by character.",
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
                "Make sure that the key and the backup belong together.",
            ),
            KeyError::Damaged(_) | KeyError::Malformed { .. } => Self::new(
                "damaged",
                format!("A key file cannot be used: {error}."),
                "Nothing was changed. What still opens elsewhere stays as it is.",
                "Use another copy of the backup, or its offline key.",
            ),
            KeyError::Unsupported(_) => {
                Self::new("too_new", format!("{error}."), NOTHING_CHANGED, "Update Keepsake and try again.")
            }
            KeyError::Outdated(what) => Self::old_vault(&format!("This backup's {what}")),
            KeyError::NoSuchSlot => Self::new(
                "no_way_in",
                "This backup has no such way in.",
                NOTHING_CHANGED,
                "Choose another way: recovery code, offline key, or the computer that made the backup.",
            ),
            KeyError::UnknownComputer => Self::new(
                "unknown_computer",
                "The backup's key was changed by a computer that this one has never met there.",
                NOTHING_CHANGED,
                "If that was you, recover on this computer with your new code. If not, somebody who has your old key did it: back up to another folder.",
            ),
            KeyError::LastSlot => Self::new(
                "last_way_in",
                "This is the last way into the backup.",
                NOTHING_CHANGED,
                "Add another way first.",
            ),
        }
    }
}

impl From<DeviceKeyError> for AppError {
    fn from(error: DeviceKeyError) -> Self {
        let next = match error {
            DeviceKeyError::NoKeyringService(_) => "Start a keyring service, for example gnome-keyring.",
            DeviceKeyError::Locked | DeviceKeyError::Denied => "Unlock the keyring, allow access, and try again.",
            DeviceKeyError::NotFound | DeviceKeyError::Damaged => {
                "Choose a new, empty home folder and recover from the backup with your code."
            }
            DeviceKeyError::BadHomeId | DeviceKeyError::Io(_) => "Check the home folder and its permissions.",
        };
        let happened = format!("This computer's own key cannot be used: {error}.");
        let told = Self::new("device_key", happened, NOTHING_CHANGED, next);
        match error {
            DeviceKeyError::NoKeyringService(_) => {
                told.with_command("KEEPSAKE_KEY_STORE=file keeps this computer's key in a file instead")
            }
            _ => told,
        }
    }
}
