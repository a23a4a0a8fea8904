//! Registering and replacing a record.

use crate::apply::refused;
use crate::keys::owner_signed;
use crate::pending::Opening;
use crate::{Account, FleetKeys, Outcome, Pending, Storage};
use vault_protocol::{AccountId, Record, Refusal, Signature64, SiteIndex, Version, record_message};

pub(crate) fn record_evaluation<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    account: AccountId,
    version: Version,
    site: SiteIndex,
    at: u64,
) -> Result<Outcome, S::Error> {
    if !keys.has_site(site) {
        return refused(Refusal::Malformed);
    }
    if let Err(refusal) = check_next_version(storage.account(&account)?.as_ref(), version) {
        return refused(refusal);
    }
    let mut totals = storage.totals()?;
    *totals.registration_evaluations.entry(site).or_default() += 1;
    storage.put_totals(&totals)?;
    let mut pending = storage.pending()?;
    pending.note(site, account, Opening::Code(version), at);
    storage.put_pending(&pending)?;
    Ok(Outcome::Recorded)
}

/// What becomes of a record that may be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// This very record is stored already.
    Known,
    New,
}

/// Decides about a record; a site asks this of its own state too, before it troubles the fleet.
///
/// # Errors
/// Shape, epoch, signature, owner, version, or fewer than t sites that evaluated for it.
pub fn check_registration(
    keys: &FleetKeys,
    held: Option<&Account>,
    pending: &Pending,
    record: &Record,
    signature: &Signature64,
    at: u64,
) -> Result<Registration, Refusal> {
    record.check_shape(keys.sites()).map_err(|_| Refusal::Malformed)?;
    if record.epoch != keys.epoch {
        return Err(Refusal::WrongEpoch { epoch: record.epoch });
    }
    if !owner_signed(&record.owner, &record_message(&keys.fleet_id, record), signature) {
        return Err(Refusal::NotOwner);
    }
    if held.is_some_and(|account| account.record() == Some(record)) {
        return Ok(Registration::Known);
    }
    // The signature fits the record's own key: it must also be the key that claimed the account.
    if held.is_some_and(|account| account.owner != record.owner) {
        return Err(Refusal::NotOwner);
    }
    check_next_version(held, record.version)?;
    if pending.sites(&record.account, Opening::Code(record.version), at) < usize::from(keys.threshold) {
        return Err(Refusal::NotEvaluated);
    }
    Ok(Registration::New)
}

pub(crate) fn register<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    record: Record,
    signature: Signature64,
    at: u64,
) -> Result<Outcome, S::Error> {
    let (id, version) = (record.account, record.version);
    let held = storage.account(&id)?;
    let mut pending = storage.pending()?;
    match check_registration(keys, held.as_ref(), &pending, &record, &signature, at) {
        Err(refusal) => return refused(refusal),
        Ok(Registration::Known) => return Ok(Outcome::Registered { version }),
        Ok(Registration::New) => {}
    }
    let account = match held {
        None => Account::claimed(record, signature, at),
        Some(mut account) => {
            account.replace(record, signature, at);
            account
        }
    };
    storage.put_account(&id, &account)?;
    pending.close(&id, Opening::Code(version));
    storage.put_pending(&pending)?;
    Ok(Outcome::Registered { version })
}

/// Whether `version` is the one that would be registered next.
///
/// # Errors
/// No such account, a tombstone, or another version.
pub fn check_next_version(held: Option<&Account>, version: Version) -> Result<(), Refusal> {
    match held {
        None if version != 1 => Err(Refusal::NoSuchAccount),
        None => Ok(()),
        Some(account) if account.is_gone() => Err(Refusal::Destroyed),
        Some(account) if account.version.checked_add(1) != Some(version) => {
            Err(Refusal::WrongVersion { current: account.version })
        }
        Some(_) => Ok(()),
    }
}
