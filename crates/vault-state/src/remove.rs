//! The owner deletes an account for good.

use crate::apply::{Step, with_account};
use crate::keys::owner_signed;
use crate::{Account, FleetKeys, Gone, Outcome, Storage};
use vault_protocol::{AccountId, Refusal, Signature64, Version, removal_message};

pub(crate) fn remove<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    id: AccountId,
    version: Version,
    signature: Signature64,
    at: u64,
) -> Result<Outcome, S::Error> {
    with_account(storage, id, |account| {
        if account.version != version {
            return Step::refuse(Refusal::WrongVersion { current: account.version });
        }
        if let Err(refusal) = check_removal(keys, account, &id, version, &signature) {
            return Step::refuse(refusal);
        }
        if account.is_removed() {
            return Step::Unchanged(Outcome::Removed);
        }
        account.passkeys.held.clear();
        account.destroy(Gone::Removed, at);
        Step::Changed(Outcome::Removed)
    })
}

/// Whether the owner who claimed the account signed this removal; a site asks before it troubles the fleet.
///
/// # Errors
/// [`Refusal::NotOwner`].
pub fn check_removal(
    keys: &FleetKeys,
    held: &Account,
    id: &AccountId,
    version: Version,
    signature: &Signature64,
) -> Result<(), Refusal> {
    let signed = owner_signed(&held.owner, &removal_message(&keys.fleet_id, id, version), signature);
    if signed { Ok(()) } else { Err(Refusal::NotOwner) }
}
