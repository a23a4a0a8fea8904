//! `own-attempts.json`: when this computer tried a code, so that its own tries are told from
//! somebody else's in the vault's history.

use crate::{AppError, Keepsake, NextStep, Result};
use serde::{Deserialize, Serialize};
use vault_protocol::AccountId;

const NAME: &str = "own-attempts.json";
const TYPE: &str = "keepsake/own-attempts/v1";
/// A vault's history has no more lines than this, and a line here is under 100 bytes.
const MOST: usize = 256;
const MAX_FILE: u64 = 64 * 1024;
/// Seconds between this computer's clock and a site's within which two lines are one try.
const CLOCKS: u64 = 300;

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    /// Oldest first.
    attempts: Vec<Attempt>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Attempt {
    account: AccountId,
    /// Unix seconds, by this computer's clock.
    at: u64,
}

/// A code is about to be tried here.
pub(super) fn note_attempt(keepsake: &Keepsake, account: AccountId) -> Result<()> {
    let mut attempts = read(keepsake)?;
    attempts.push(Attempt { account, at: keepsake.now() });
    let older = attempts.len().saturating_sub(MOST);
    attempts.drain(..older);
    let file = File { kind: TYPE.into(), attempts };
    keepsake.write(NAME, &serde_json::to_vec(&file).expect("plain data"))
}

/// Which of these tries of an account were made here; `at` in Unix seconds, oldest first. One
/// attempt here stands for one try there.
pub(super) fn which_are_own(keepsake: &Keepsake, account: AccountId, at: &[u64]) -> Vec<bool> {
    // Without the file they are told as somebody else's: no harm.
    let mine = read(keepsake).unwrap_or_default();
    let mine = mine.into_iter().filter(|attempt| attempt.account == account).map(|a| a.at);
    matched(&mine.collect::<Vec<_>>(), at)
}

fn matched(mine: &[u64], theirs: &[u64]) -> Vec<bool> {
    let mut left = mine.to_vec();
    let own = |at: &u64| {
        let near = left.iter().enumerate().min_by_key(|(_, mine)| mine.abs_diff(*at));
        match near {
            Some((index, mine)) if mine.abs_diff(*at) <= CLOCKS => {
                left.remove(index);
                true
            }
            _ => false,
        }
    };
    theirs.iter().map(own).collect()
}

fn read(keepsake: &Keepsake) -> Result<Vec<Attempt>> {
    let Some(bytes) = keepsake.read(NAME, MAX_FILE)? else { return Ok(vec![]) };
    let next = NextStep::MoveTriesAway;
    let file: File =
        serde_json::from_slice(&bytes).map_err(|e| AppError::damaged(NAME, e, next))?;
    Ok(if file.kind == TYPE { file.attempts } else { vec![] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_is_this_computers_only_if_it_made_one_at_that_time() {
        assert_eq!(matched(&[1000], &[1002]), [true]);
        assert_eq!(matched(&[1000], &[2000]), [false]);
        assert_eq!(matched(&[], &[1000]), [false]);
    }

    #[test]
    fn a_second_try_beside_an_own_one_is_somebody_elses() {
        assert_eq!(matched(&[1000], &[1000, 1001]), [true, false]);
        assert_eq!(matched(&[1000, 5000], &[1000, 1001, 5003]), [true, false, true]);
    }
}
