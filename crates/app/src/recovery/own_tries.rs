//! `own-tries.json`: how many tries of the running round were made on this computer, so that the
//! others can be told to the person as somebody else's.

use crate::{AppError, Keepsake, NextStep, Result};
use serde::{Deserialize, Serialize};
use vault_protocol::{AccountId, Round};

const NAME: &str = "own-tries.json";
const TYPE: &str = "keepsake/own-tries/v1";
const MAX_FILE: u64 = 1024;

#[derive(Serialize, Deserialize)]
struct OwnTries {
    #[serde(rename = "type")]
    kind: String,
    account: AccountId,
    round: Round,
    tries: u8,
}

/// Tries of this round that were made here.
pub(super) fn own_tries(keepsake: &Keepsake, account: &AccountId, round: Round) -> Result<u8> {
    let Some(bytes) = keepsake.read(NAME, MAX_FILE)? else { return Ok(0) };
    let next = NextStep::MoveTriesAway;
    let file: OwnTries =
        serde_json::from_slice(&bytes).map_err(|e| AppError::damaged(NAME, e, next))?;
    let fits = file.kind == TYPE && file.account == *account && file.round == round;
    Ok(if fits { file.tries } else { 0 })
}

/// One more.
pub(super) fn note_own_try(keepsake: &Keepsake, account: AccountId, round: Round) -> Result<()> {
    let tries = own_tries(keepsake, &account, round)?.saturating_add(1);
    let file = OwnTries { kind: TYPE.into(), account, round, tries };
    keepsake.write(NAME, &serde_json::to_vec(&file).expect("plain data"))
}
