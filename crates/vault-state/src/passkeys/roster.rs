//! The owner adds a passkey, or strikes some off.

use super::prove::{PasskeyVerifier, registered_counter};
use super::{Passkey, SignedRoster};
use crate::apply::refused;
use crate::keys::owner_signed;
use crate::pending::Opening;
use crate::{Account, FleetKeys, Outcome, Pending, Storage};
use vault_protocol::{Change, EventKind, PasskeyDigest, PasskeyRecord, Refusal, Roster, RosterUpdate, roster_message};

/// What becomes of a roster that may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RosterChange {
    /// This very roster is in force already.
    Known,
    New {
        /// Of the passkey that is added, if any.
        counter: u32,
    },
}

/// Decides about a roster; a site asks this of its own state too, before it troubles the fleet.
///
/// # Errors
/// Shape, epoch, signature, owner, change, a passkey that is nowhere, that does not verify, or that fewer than t sites
/// were asked for.
pub fn check_roster(
    keys: &FleetKeys,
    passkeys: &dyn PasskeyVerifier,
    held: Option<&Account>,
    pending: &Pending,
    update: &RosterUpdate,
    at: u64,
) -> Result<RosterChange, Refusal> {
    let RosterUpdate { roster, signature, added } = update;
    roster.check_shape().map_err(|_| Refusal::Malformed)?;
    if !owner_signed(&roster.owner, &roster_message(&keys.fleet_id, roster), signature) {
        return Err(Refusal::NotOwner);
    }
    // The signature fits the roster's own key: it must also be the key that claimed the account.
    if held.is_some_and(|account| account.owner != roster.owner) {
        return Err(Refusal::NotOwner);
    }
    let in_force = held.filter(|a| !a.is_removed()).and_then(|a| a.passkeys.roster.as_ref());
    if in_force.is_some_and(|signed| signed.roster == *roster) {
        return Ok(RosterChange::Known);
    }
    check_next_change(held, roster.change)?;
    let new = added.as_ref().map(PasskeyRecord::digest);
    check_members(held, roster, new)?;
    match added {
        // Only a passkey claims an account: an empty roster for an unknown one would be a free entry.
        None if held.is_none() => Err(Refusal::NoSuchAccount),
        None => Ok(RosterChange::New { counter: 0 }),
        Some(record) => {
            check_fits(keys, held, roster, record)?;
            if pending.sites(&roster.account, Opening::Passkey(roster.change), at) < usize::from(keys.threshold) {
                return Err(Refusal::NotEvaluated);
            }
            let counter = registered_counter(keys, passkeys, record).ok_or(Refusal::PasskeyInvalid)?;
            Ok(RosterChange::New { counter })
        }
    }
}

fn check_members(held: Option<&Account>, roster: &Roster, new: Option<PasskeyDigest>) -> Result<(), Refusal> {
    let here = |digest: &PasskeyDigest| held.is_some_and(|a| a.passkeys.find(digest).is_some());
    if new.is_some_and(|new| !roster.passkeys.contains(&new)) {
        return Err(Refusal::Malformed);
    }
    if roster.passkeys.iter().all(|digest| here(digest) || Some(*digest) == new) {
        Ok(())
    } else {
        Err(Refusal::NoSuchPasskey)
    }
}

fn check_fits(
    keys: &FleetKeys,
    held: Option<&Account>,
    roster: &Roster,
    record: &PasskeyRecord,
) -> Result<(), Refusal> {
    record.check_shape(keys.sites(), keys.threshold).map_err(|_| Refusal::Malformed)?;
    let named_twice = held.is_some_and(|a| a.passkeys.of_credential(&record.credential).is_some());
    if record.account != roster.account || record.change != roster.change || named_twice {
        return Err(Refusal::Malformed);
    }
    if record.epoch != keys.epoch {
        return Err(Refusal::WrongEpoch { epoch: record.epoch });
    }
    Ok(())
}

pub(crate) fn set_roster<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    passkeys: &dyn PasskeyVerifier,
    update: RosterUpdate,
    at: u64,
) -> Result<Outcome, S::Error> {
    let (id, change) = (update.roster.account, update.roster.change);
    let held = storage.account(&id)?;
    let mut pending = storage.pending()?;
    let counter = match check_roster(keys, passkeys, held.as_ref(), &pending, &update, at) {
        Err(refusal) => return refused(refusal),
        Ok(RosterChange::Known) => return Ok(Outcome::RosterSet { change }),
        Ok(RosterChange::New { counter }) => counter,
    };
    let RosterUpdate { roster, signature, added } = update;
    let mut account = held.unwrap_or_else(|| Account::claimed_without_code(roster.owner, keys.epoch));
    let new = added.map(|record| new_passkey(record, counter, at));
    enforce(&mut account, SignedRoster { roster, signature }, new, at);
    storage.put_account(&id, &account)?;
    pending.close(&id, Opening::Passkey(change));
    storage.put_pending(&pending)?;
    Ok(Outcome::RosterSet { change })
}

fn new_passkey(record: PasskeyRecord, counter: u32, at: u64) -> Passkey {
    Passkey { digest: record.digest(), record, added: at, last_used: None, counter, last_challenge: None }
}

/// Keeps exactly who is on the roster; the boxes of the others are gone with them.
fn enforce(account: &mut Account, signed: SignedRoster, new: Option<Passkey>, at: u64) {
    let wanted = &signed.roster.passkeys;
    let before = std::mem::take(&mut account.passkeys.held);
    let removed = before.iter().filter(|p| !wanted.contains(&p.digest)).count();
    let added = new.is_some();
    let mut known: Vec<Passkey> = before.into_iter().chain(new).collect();
    let take = |digest: &PasskeyDigest| {
        let place = known.iter().position(|p| p.digest == *digest)?;
        Some(known.swap_remove(place))
    };
    account.passkeys.held = wanted.iter().filter_map(take).collect();
    account.passkeys.roster = Some(signed);
    (0..removed).for_each(|_| account.note(at, EventKind::PasskeyRemoved));
    if added {
        account.note(at, EventKind::PasskeyAdded);
    }
}

/// Whether `change` is the one that comes next.
///
/// # Errors
/// No such account, one that its owner removed, or another change.
pub fn check_next_change(held: Option<&Account>, change: Change) -> Result<(), Refusal> {
    let Some(account) = held else {
        return if change == 1 { Ok(()) } else { Err(Refusal::NoSuchAccount) };
    };
    if account.is_removed() {
        return Err(Refusal::Destroyed);
    }
    let current = account.passkeys.change();
    if current.checked_add(1) == Some(change) { Ok(()) } else { Err(Refusal::WrongChange { current }) }
}
