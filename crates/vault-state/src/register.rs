//! Registering and replacing a record.

use crate::apply::{Step, refused, with_account};
use crate::keys::owner_signed;
use crate::{Account, FleetKeys, Outcome, Storage};
use vault_protocol::{AccountId, Record, Refusal, Signature64, SiteIndex, Version, record_message};

pub(crate) fn record_evaluation<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    account: AccountId,
    version: Version,
    site: SiteIndex,
) -> Result<Outcome, S::Error> {
    if !keys.has_site(site) {
        return refused(Refusal::Malformed);
    }
    if let Some(refusal) = cannot_register(storage.account(&account)?.as_ref(), version) {
        return refused(refusal);
    }
    let mut totals = storage.totals()?;
    *totals.registration_evaluations.entry(site).or_default() += 1;
    storage.put_totals(&totals)?;
    Ok(Outcome::Recorded)
}

pub(crate) fn register<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    record: Record,
    signature: Signature64,
    at: u64,
) -> Result<Outcome, S::Error> {
    if record.check_shape(keys.sites()).is_err() {
        return refused(Refusal::Malformed);
    }
    if record.epoch != keys.epoch {
        return refused(Refusal::WrongEpoch { epoch: record.epoch });
    }
    if !owner_signed(&record.owner, &record_message(&keys.fleet_id, &record), &signature) {
        return refused(Refusal::NotOwner);
    }
    let version = record.version;
    match storage.account(&record.account)? {
        Some(_) => with_account(storage, record.account, |account| replace(account, record, signature, at)),
        None if version != 1 => refused(Refusal::NoSuchAccount),
        None => {
            storage.put_account(&record.account.clone(), &Account::claimed(record, signature, at))?;
            Ok(Outcome::Registered { version })
        }
    }
}

fn replace(account: &mut Account, record: Record, signature: Signature64, at: u64) -> Step {
    let version = record.version;
    if account.record() == Some(&record) {
        return Step::Unchanged(Outcome::Registered { version });
    }
    // The signature fits the record's own key: it must also be the key that claimed the account.
    if record.owner != account.owner {
        return Step::refuse(Refusal::NotOwner);
    }
    if let Some(refusal) = cannot_register(Some(account), version) {
        return Step::refuse(refusal);
    }
    account.replace(record, signature, at);
    Step::Changed(Outcome::Registered { version })
}

fn cannot_register(account: Option<&Account>, version: Version) -> Option<Refusal> {
    match account {
        None if version != 1 => Some(Refusal::NoSuchAccount),
        None => None,
        Some(account) if account.is_gone() => Some(Refusal::Destroyed),
        Some(account) if account.version.checked_add(1) != Some(version) => {
            Some(Refusal::WrongVersion { current: account.version })
        }
        Some(_) => None,
    }
}
