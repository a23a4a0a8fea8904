//! The owner deletes an account for good.

use crate::apply::{Step, with_account};
use crate::keys::owner_signed;
use crate::{FleetKeys, Gone, Outcome, Storage};
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
        if !owner_signed(&account.owner, &removal_message(&keys.fleet_id, &id, version), &signature) {
            return Step::refuse(Refusal::NotOwner);
        }
        if account.is_gone() {
            return Step::Unchanged(Outcome::Removed);
        }
        account.destroy(Gone::Removed, at);
        Step::Changed(Outcome::Removed)
    })
}
