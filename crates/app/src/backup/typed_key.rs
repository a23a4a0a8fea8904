//! An offline key as a person types it: 64 digits or 24 words.

use crate::{AppError, NextStep, RecoverySecret, Result};
use sealed_keys::OfflineKey;

/// # Errors
/// `offline_key_typo`.
pub(crate) fn typed(secret: &RecoverySecret) -> Result<OfflineKey> {
    OfflineKey::parse(secret.expose()).map_err(|error| {
        let happened = format!("That cannot be an offline key: {error}.");
        let next = NextStep::CompareOfflineKey;
        AppError::new("offline_key_typo", happened, "Nothing was changed.", next)
    })
}
