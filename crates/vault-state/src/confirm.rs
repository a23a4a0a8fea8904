//! Receipts, and the only thing that resets a count.

use crate::account::LastConfirm;
use crate::apply::{Step, with_account};
use crate::{Account, FleetKeys, Outcome, Storage};
use vault_protocol::{AccountId, EventKind, Receipt, Refusal, TryId, Version};

pub(crate) fn confirm<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    id: AccountId,
    version: Version,
    try_id: TryId,
    receipt: Receipt,
    at: u64,
) -> Result<Outcome, S::Error> {
    with_account(storage, id, |account| confirm_in(account, keys, &id, version, try_id, receipt, at))
}

fn confirm_in(
    account: &mut Account,
    keys: &FleetKeys,
    id: &AccountId,
    version: Version,
    try_id: TryId,
    receipt: Receipt,
    at: u64,
) -> Step {
    if account.is_gone() {
        return Step::refuse(Refusal::Destroyed);
    }
    if account.version != version {
        return Step::refuse(Refusal::WrongVersion { current: account.version });
    }
    // A site that comes after the t-th: the count is reset already.
    if account.was_confirmed(version, &try_id) {
        return Step::Unchanged(Outcome::Confirmed { complete: true });
    }
    if account.open_try(version, &try_id).is_none() {
        return Step::refuse(Refusal::UnknownTry);
    }
    if !keys.receipt_holds(id, version, &try_id, account.round, &receipt) {
        return Step::refuse(Refusal::WrongTag);
    }
    let receipts = account.receipts.entry(try_id).or_default();
    receipts.insert(receipt.site, receipt);
    if receipts.len() < usize::from(keys.threshold) {
        return Step::Changed(Outcome::Confirmed { complete: false });
    }
    end_round(account, version, try_id, at);
    Step::Changed(Outcome::Confirmed { complete: true })
}

fn end_round(account: &mut Account, version: Version, id: TryId, at: u64) {
    let receipts = account.receipts.remove(&id).unwrap_or_default();
    account.receipts.clear();
    account.tries.clear();
    account.last_confirm = Some(LastConfirm { version, id, receipts });
    account.round += 1;
    account.note(at, EventKind::Confirmed { version });
}
