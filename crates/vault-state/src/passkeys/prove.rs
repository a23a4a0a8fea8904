//! What stands behind a passkey: WebAuthn, and the owner's signature.

use super::Passkey;
use crate::keys::owner_signed;
use crate::snapshot::Untrusted;
use crate::{Account, FleetKeys};
use vault_protocol::{AccountId, PasskeyRecord, roster_message};

/// WebAuthn as every site of a fleet reads it. Must give the same answers at all of them: no clock, no randomness.
pub trait PasskeyVerifier: Send + Sync {
    /// The counter with which a registration begins, if it holds for this challenge and is of this credential.
    fn registration(&self, challenge: &[u8; 32], credential: &[u8], registration: &[u8]) -> Option<u32>;

    /// The id of the credential that an assertion names.
    fn credential(&self, assertion: &[u8]) -> Option<Vec<u8>>;

    /// The new counter, if the assertion holds for `challenge` and goes beyond `counter`.
    fn assertion(&self, registered: &Registered<'_>, challenge: &[u8; 32], assertion: &[u8]) -> Option<u32>;
}

/// A passkey's registration as it was accepted, and its counter since.
pub struct Registered<'a> {
    pub challenge: [u8; 32],
    pub credential: &'a [u8],
    pub registration: &'a [u8],
    pub counter: u32,
}

pub(super) fn registered_counter(
    keys: &FleetKeys,
    passkeys: &dyn PasskeyVerifier,
    record: &PasskeyRecord,
) -> Option<u32> {
    passkeys.registration(&record.challenge(&keys.fleet_id), &record.credential, &record.registration)
}

/// The new counter, if the assertion holds for `challenge` and goes beyond `counter`.
pub(super) fn check_answer(
    keys: &FleetKeys,
    passkeys: &dyn PasskeyVerifier,
    record: &PasskeyRecord,
    counter: u32,
    challenge: &[u8; 32],
    assertion: &[u8],
) -> Option<u32> {
    let registered = Registered {
        challenge: record.challenge(&keys.fleet_id),
        credential: &record.credential,
        registration: &record.registration,
        counter,
    };
    passkeys.assertion(&registered, challenge, assertion)
}

/// Checks the passkeys of an account from another site's snapshot: the owner named exactly these, and each verifies.
pub(crate) fn check_passkeys(
    keys: &FleetKeys,
    verifier: &dyn PasskeyVerifier,
    id: &AccountId,
    offered: &Account,
) -> Result<(), Untrusted> {
    let passkeys = &offered.passkeys;
    let Some(signed) = &passkeys.roster else {
        return if passkeys.held.is_empty() { Ok(()) } else { Err(Untrusted::Passkeys) };
    };
    let roster = &signed.roster;
    let owners = roster.check_shape().is_ok()
        && roster.account == *id
        && roster.owner == offered.owner
        && owner_signed(&roster.owner, &roster_message(&keys.fleet_id, roster), &signed.signature);
    // The owner who removed the account struck all of them off, whatever the roster says.
    let wanted = if offered.is_removed() { &[][..] } else { &roster.passkeys };
    let named = passkeys.held.iter().map(|p| &p.digest).eq(wanted);
    let verifies = |passkey: &Passkey| {
        let record = &passkey.record;
        record.account == *id
            && record.epoch == keys.epoch
            && record.digest() == passkey.digest
            && record.check_shape(keys.sites(), keys.threshold).is_ok()
            && registered_counter(keys, verifier, record).is_some()
    };
    if owners && named && passkeys.held.iter().all(verifies) { Ok(()) } else { Err(Untrusted::Passkeys) }
}

/// Nothing the owner struck off comes back, and no counter goes back.
pub(crate) fn check_passkeys_succeed(held: &Account, offered: &Account) -> Result<(), Untrusted> {
    let (before, after) = (&held.passkeys, &offered.passkeys);
    let same_change_other_roster = before.change() == after.change() && before.roster != after.roster;
    let counted_back = |p: &Passkey| after.find(&p.digest).is_some_and(|q| q.counter < p.counter);
    if after.change() < before.change() || same_change_other_roster || before.held.iter().any(counted_back) {
        return Err(Untrusted::Older);
    }
    Ok(())
}
