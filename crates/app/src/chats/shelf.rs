//! Which chats the owner pinned above the others or put out of the way: a file of the home.

use crate::{AppError, Keepsake, Result};
use durable_files::{read_if_there, write_private};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FILE: &str = "chat-list.json";

/// 20,000 chats on both lists, each named by 100 bytes, are 4 MB.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// A chat's name that is the same in every archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct ShelfKey {
    pub source: String,
    pub key: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Shelf {
    pub pinned: BTreeSet<ShelfKey>,
    pub archived: BTreeSet<ShelfKey>,
}

impl Shelf {
    /// Empty where there is no file; one that cannot be understood is as good as none, for it only
    /// sorts a list.
    pub(super) fn read(keepsake: &Keepsake) -> Result<Self> {
        let bytes = read_if_there(&keepsake.home().join(FILE), MAX_FILE)
            .map_err(|e| AppError::disk("reading the order of the chats", &e))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    pub(super) fn write(&self, keepsake: &Keepsake) -> Result<()> {
        let bytes = serde_json::to_vec(self).map_err(|_| AppError::stopped())?;
        write_private(&keepsake.home().join(FILE), &bytes)
            .map_err(|e| AppError::disk("writing the order of the chats", &e))
    }
}
