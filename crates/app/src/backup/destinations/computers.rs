//! This computer among those that open a backup.

use crate::backup::computer_name;
use crate::{Keepsake, Result};
use backup_engine::Repository;
use rand_core::OsRng;
use sealed_keys::{BackupKey, ComputerId, Header, KeyError, SlotKind};
use serde::{Deserialize, Serialize};

/// A computer that this one has met in a backup's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownComputer {
    pub id: ComputerId,
    pub name: String,
}

/// The computers of a backup, as its header has them now.
pub(super) fn of(repository: &Repository) -> Result<Vec<KnownComputer>> {
    let all = repository.header().computers(repository.key())?;
    Ok(all.into_iter().map(|c| KnownComputer { id: c.id, name: c.name }).collect())
}

/// Says which computers are new. From now on these can pass a new key on, so the person must hear
/// of one that is none of theirs. Who meets a backup for the first time has nothing to compare.
pub(super) fn joined(
    before: &[KnownComputer],
    now: &[KnownComputer],
    own: &ComputerId,
) -> Vec<String> {
    let known = |c: &KnownComputer| c.id == *own || before.iter().any(|b| b.id == c.id);
    let new = now.iter().filter(|c| !before.is_empty() && !known(c));
    let told = |c: &KnownComputer| {
        format!(
            "{} is a new computer in this backup. If it is none of yours, somebody has a key of yours: change the key of your backups.",
            c.name
        )
    };
    new.map(told).collect()
}

/// This computer's slot in a header.
pub(crate) fn add_own_computer(
    keepsake: &Keepsake,
    header: &mut Header,
    key: &BackupKey,
) -> std::result::Result<(), KeyError> {
    let own = keepsake.local_key().computer_key();
    header
        .add_computer(key, (&own.public(), &computer_name()), &own, keepsake.now(), &mut OsRng)
        .map(|_| ())
}

/// Adds this computer's slot where it is lacking, and drops the slot that an earlier version of
/// this program made.
pub(super) fn renew_own_computer(
    keepsake: &Keepsake,
    repository: &mut Repository,
    key: &BackupKey,
) -> Result<()> {
    let own = keepsake.local_key().computer_key().id();
    if repository.header().names_computer(&own) {
        return Ok(());
    }
    let slot_key = keepsake.local_key().slot_key();
    repository.update_header(key, |header| {
        add_own_computer(keepsake, header, key)?;
        let earlier: Vec<_> = header
            .slots_of(&SlotKind::ThisComputer)
            .filter(|slot| header.open_slot(&slot.id, &slot_key).is_ok())
            .map(|slot| slot.id.clone())
            .collect();
        earlier.iter().try_for_each(|id| header.remove_slot(key, id))
    })?;
    Ok(())
}

/// What the person has to be told of a place, once.
pub(crate) fn take_notices(keepsake: &Keepsake, url: &str) -> Result<Vec<String>> {
    let Some(mut place) = keepsake.destination(url)?.filter(|place| !place.notices.is_empty())
    else {
        return Ok(vec![]);
    };
    let notices = std::mem::take(&mut place.notices);
    keepsake.keep_destination(place)?;
    Ok(notices)
}
