//! `errands.json`: what not every site knows yet, so that this computer keeps at it after a
//! restart.

use super::site_words::{revoking, settling};
use crate::fleet::Connected;
use crate::model::{Pending, PendingKind, SpreadView};
use crate::{AppError, Keepsake, NextStep, Result};
use rand_core::OsRng;
use sealed_keys::{open_box, seal_box};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use vault_client::{Errand, MAX_ERRAND, Matter, Spread};
use vault_protocol::{AccountId, KeysDigest};
use zeroize::Zeroizing;

const NAME: &str = "errands.json";
const TYPE: &str = "keepsake/errands/v1";
const LABEL: &str = "home-errands";
/// Four kinds for each of four accounts: a person has one account, and had another before.
const MAX_ERRANDS: usize = 16;
/// Each errand in hex with 1 KiB beside it, and all of that once more in hex.
const MAX_FILE: u64 = (MAX_ERRANDS * 2 * (2 * MAX_ERRAND + 1024)) as u64;

/// One errand on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OnItsWay {
    pub fleet_url: String,
    /// Of the fleet that it is for: another fleet's sites never acknowledge it.
    pub keys: KeysDigest,
    pub account: AccountId,
    pub kind: PendingKind,
    pub spread: SpreadView,
    /// Unix seconds since which it is on its way.
    pub since: u64,
    /// Unix seconds at which sites were last asked.
    pub tried: u64,
    /// Hex.
    errand: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    /// Hex of the sealed list.
    sealed: String,
}

impl OnItsWay {
    /// # Errors
    /// The file was written by something else.
    pub(super) fn errand(&self) -> Result<Errand> {
        let bytes = hex::decode(&self.errand).map_err(|e| damaged(&e))?;
        Errand::from_bytes(&bytes).map_err(|e| damaged(&e))
    }

    fn is_about(&self, account: &AccountId, kind: PendingKind) -> bool {
        self.account == *account && self.kind == kind
    }

    pub(super) fn pending(&self) -> Pending {
        Pending {
            kind: self.kind,
            spread: self.spread,
            since: i64::try_from(self.since).unwrap_or(i64::MAX),
        }
    }
}

/// Remembers an errand that was begun just now; a newer one of its kind takes the older one's
/// place. Nothing is remembered once every site has acknowledged.
pub(crate) fn keep_errand(
    keepsake: &Keepsake,
    connected: &Connected,
    spread: &Spread,
    errand: Option<&Errand>,
) -> Result<()> {
    let Some(errand) = errand else { return Ok(()) };
    let now = keepsake.now();
    let (account, kind) = (errand.account(), kind_of(errand.matter()));
    let begun = OnItsWay {
        fleet_url: connected.url.clone(),
        keys: connected.fleet().keys(),
        account,
        kind,
        spread: spread_of(kind, spread),
        since: now,
        tried: now,
        errand: hex::encode(errand.to_bytes()),
    };
    change(keepsake, |all| {
        // After its end, nothing else of an account has to be told.
        all.retain(|e| {
            !e.is_about(&account, kind) && (kind != PendingKind::Removal || e.account != account)
        });
        all.push(begun);
        all.drain(..all.len().saturating_sub(MAX_ERRANDS));
    })
}

/// Writes down how far an errand came. If a newer one took its place meanwhile, that one stays.
pub(super) fn went(
    keepsake: &Keepsake,
    before: &OnItsWay,
    spread: &Spread,
    left: Option<&Errand>,
) -> Result<()> {
    let after = left.map(|errand| OnItsWay {
        spread: spread_of(before.kind, spread),
        tried: keepsake.now(),
        errand: hex::encode(errand.to_bytes()),
        ..before.clone()
    });
    change(keepsake, |all| {
        let Some(at) =
            all.iter().position(|e| e.errand == before.errand && e.account == before.account)
        else {
            return;
        };
        match after {
            Some(after) => all[at] = after,
            None => drop(all.remove(at)),
        }
    })
}

/// Of a fleet whose sites are gone.
pub(super) fn forget(keepsake: &Keepsake, gone: &OnItsWay) -> Result<()> {
    change(keepsake, |all| all.retain(|e| e != gone))
}

/// What is on its way about an account, for a person: what is done is not told any more.
pub(crate) fn pending_at(keepsake: &Keepsake, account: &AccountId) -> Result<Vec<Pending>> {
    let all = on_their_way(keepsake)?;
    Ok(all
        .iter()
        .filter(|e| e.account == *account && !e.spread.done)
        .map(OnItsWay::pending)
        .collect())
}

/// Everything, done or not.
pub(super) fn on_their_way(keepsake: &Keepsake) -> Result<Vec<OnItsWay>> {
    let Some(bytes) = keepsake.read(NAME, MAX_FILE)? else { return Ok(vec![]) };
    let file: File = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
    if file.kind != TYPE {
        return Err(damaged(&"unknown type"));
    }
    let sealed = hex::decode(&file.sealed).map_err(|e| damaged(&e))?;
    let key = keepsake.local_key().data_key(LABEL);
    let opened = Zeroizing::new(open_box(&key, LABEL, &[], &sealed).map_err(|e| damaged(&e))?);
    serde_json::from_slice(&opened).map_err(|e| damaged(&e))
}

/// One change at a time within this program; nobody waits while it is made.
fn change(keepsake: &Keepsake, change: impl FnOnce(&mut Vec<OnItsWay>)) -> Result<()> {
    let _alone = alone();
    let before = on_their_way(keepsake)?;
    let mut all = before.clone();
    change(&mut all);
    if all == before {
        return Ok(());
    }
    let list = Zeroizing::new(serde_json::to_vec(&all).expect("plain data"));
    let key = keepsake.local_key().data_key(LABEL);
    let sealed = hex::encode(seal_box(&key, LABEL, &[], &list, &mut OsRng));
    keepsake
        .write(NAME, &serde_json::to_vec(&File { kind: TYPE.into(), sealed }).expect("plain data"))
}

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kind_of(matter: Matter) -> PendingKind {
    match matter {
        Matter::Round(_) => PendingKind::TriesBack,
        Matter::Removed => PendingKind::Removal,
        Matter::Roster(_) => PendingKind::Passkeys,
        Matter::Record(_) => PendingKind::Code,
    }
}

fn spread_of(kind: PendingKind, spread: &Spread) -> SpreadView {
    match kind {
        PendingKind::TriesBack => settling(spread),
        PendingKind::Code | PendingKind::Passkeys | PendingKind::Removal => revoking(spread),
    }
}

fn damaged(why: &dyn std::fmt::Display) -> AppError {
    let next = NextStep::MoveErrandsAway;
    AppError::damaged(NAME, why, next)
}
