//! A snapshot replaces log entries, and with them their proofs: so each account in it proves itself again.

use crate::keys::owner_signed;
use crate::passkeys::{check_passkeys, check_passkeys_succeed};
use crate::{Account, Current, FleetKeys, PasskeyVerifier};
use vault_protocol::{AccountId, record_message};

/// Why a site does not take an account from another site's snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    #[error("the record is not the owner's")]
    Owner,
    #[error("the record does not fit the account or the fleet")]
    Record,
    #[error("the last confirm lacks t receipts")]
    Receipts,
    #[error("the passkeys are not those that the owner named, or do not verify")]
    Passkeys,
    #[error("the snapshot is older than what this site holds")]
    Older,
}

/// Checks an account of a received snapshot against its own proofs and against what this site already holds.
///
/// The list of tries has no proof of its own: a snapshot that leaves tries out is caught by each site's local count.
///
/// # Errors
/// The first proof that does not hold.
pub fn check_offered(
    keys: &FleetKeys,
    verifier: &dyn PasskeyVerifier,
    id: &AccountId,
    held: Option<&Account>,
    offered: &Account,
) -> Result<(), Untrusted> {
    check_record(keys, id, offered)?;
    check_passkeys(keys, verifier, id, offered)?;
    check_round(keys, id, offered)?;
    held.map_or(Ok(()), |held| check_successor(held, offered))
}

fn check_record(keys: &FleetKeys, id: &AccountId, offered: &Account) -> Result<(), Untrusted> {
    let (record, signature) = match &offered.current {
        Current::Sealed { record, signature } => (record, signature),
        // Only the owner's roster makes an account without a code.
        Current::NoCode if offered.version != 0 || offered.passkeys.roster.is_none() => return Err(Untrusted::Record),
        // A tombstone can only deny.
        Current::NoCode | Current::Gone(_) => return Ok(()),
    };
    let fits = record.account == *id
        && record.version == offered.version
        && record.epoch == keys.epoch
        && record.owner == offered.owner
        && record.policy.max_tries == offered.max_tries
        && record.check_shape(keys.sites()).is_ok();
    if !fits {
        return Err(Untrusted::Record);
    }
    if !owner_signed(&record.owner, &record_message(&keys.fleet_id, record), signature) {
        return Err(Untrusted::Owner);
    }
    Ok(())
}

fn check_round(keys: &FleetKeys, id: &AccountId, offered: &Account) -> Result<(), Untrusted> {
    let proven = match (&offered.last_confirm, offered.round.checked_sub(1)) {
        (None, None) => true,
        (Some(last), Some(ended)) => last.holds(keys, id, ended),
        _ => false,
    };
    if proven { Ok(()) } else { Err(Untrusted::Receipts) }
}

fn check_successor(held: &Account, offered: &Account) -> Result<(), Untrusted> {
    if offered.owner != held.owner {
        return Err(Untrusted::Owner);
    }
    // What the limit destroyed leaves passkeys; what the owner removed leaves nothing.
    let revived = held.is_gone() && !offered.is_gone() || held.is_removed() && !offered.is_removed();
    let same_round_fewer = offered.round == held.round && offered.tries.len() < held.tries.len();
    if revived || same_round_fewer || offered.round < held.round || offered.version < held.version {
        return Err(Untrusted::Older);
    }
    check_passkeys_succeed(held, offered)
}
