//! `unsaved-code.json`: a code that was made, and that the person never showed to have on paper.

use crate::{AppError, Keepsake, NextStep, Result};
use sealed_keys::RecoverySlot;
use serde::{Deserialize, Serialize};
use vault_protocol::AccountId;

const NAME: &str = "unsaved-code.json";
const TYPE: &str = "keepsake/unsaved-code/v1";
const MAX_FILE: u64 = 1024;

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    account: AccountId,
    version: u32,
}

/// A code is about to be shown once.
pub(super) fn note_unsaved(keepsake: &Keepsake, slot: &RecoverySlot) -> Result<()> {
    let file = File { kind: TYPE.into(), account: slot.at.account, version: slot.version };
    keepsake.write(NAME, &serde_json::to_vec(&file).expect("plain data"))
}

/// Whether the code of this computer's account may be on no paper.
pub(crate) fn has_unsaved_code(keepsake: &Keepsake) -> Result<bool> {
    let Some(bytes) = keepsake.read(NAME, MAX_FILE)? else { return Ok(false) };
    let next = NextStep::MoveUnsavedCodeAway;
    let damaged = |why: &dyn std::fmt::Display| AppError::damaged(NAME, why, next);
    let file: File = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
    if file.kind != TYPE {
        return Err(damaged(&"unknown type"));
    }
    // One of a vault that is not supported any more is no code.
    let known = keepsake.account_slot().ok().flatten();
    Ok(known.is_some_and(|s| s.at.account == file.account && s.version == file.version))
}

/// The person has it.
pub(super) fn note_saved(keepsake: &Keepsake) -> Result<()> {
    match std::fs::remove_file(keepsake.path(NAME)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(AppError::disk("noting that the code is on paper", &e))
        }
        _ => Ok(()),
    }
}
