//! What is on this computer, as the shells show it.

use super::VaultSummary;
use crate::KeyStore;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Everything the first page of the app shows.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Status {
    pub conversations: u64,
    pub messages: u64,
    pub attachments: u64,
    pub missing_attachments: u64,
    /// Where this computer's key is; for a file there is a warning that goes with it.
    pub device_key: KeyStore,
    pub vault: Option<VaultSummary>,
    /// Why this computer's recovery code is of no use any more, where nothing else is known of it.
    pub vault_problem: Option<String>,
    /// Passkeys that open the backups from this computer's account.
    pub passkeys: u32,
    /// Recovery kits that the person has on paper, as far as this computer made them.
    pub kits: u32,
    pub backups: Vec<BackupPlace>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BackupPlace {
    pub url: String,
    /// Unix seconds of the last backup made from this computer.
    pub last_backup: Option<i64>,
    /// Changed records that are not in that backup yet.
    pub pending_changes: u64,
}
