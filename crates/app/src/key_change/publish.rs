//! The new key comes to this computer, and to each backup.

use super::plan::Plan;
use crate::backup::computer_name;
use crate::backup::destinations::{self, add_recovery_slot};
use crate::home::Account;
use crate::kit::keep_as_kit;
use crate::{AppError, Keepsake, Result};
use backup_engine::Repository;
use rand_core::OsRng;
use sealed_keys::{BackupKey, Computer, Header, SlotKind};

/// Makes the decided change this computer's own: its key, its code. Does what is left of it, and
/// nothing twice.
pub(crate) fn settle_home(keepsake: &Keepsake) -> Result<()> {
    let Some(mut plan) = Plan::read(keepsake)?.filter(|plan| plan.decided && !plan.settled) else {
        return Ok(());
    };
    // First: what belongs to the old key must never get a slot under the new one.
    keepsake.set_account_aside()?;
    keepsake.replace_backup_key(&plan.key()?)?;
    plan.account()?.iter().try_for_each(|new| keepsake.keep_account(new))?;
    plan.offline()?.iter().try_for_each(|key| keep_as_kit(keepsake, key))?;
    plan.settled = true;
    plan.write(keepsake)
}

/// Gives a backup that has still a former key of this computer's the present one.
///
/// # Errors
/// As [`Repository::rekey`]; before the backup's header is replaced, all is as it was.
pub(crate) fn bring_forward(
    keepsake: &Keepsake,
    url: &str,
    repository: &mut Repository,
) -> Result<()> {
    let mut plan = Plan::read(keepsake)?.filter(|plan| plan.settled);
    let new = keepsake.backup_key()?.ok_or_else(AppError::no_backup_key)?;
    if *repository.key() != new {
        if let Some(plan) = &mut plan {
            plan.note_old_accounts(repository.header(), repository.key());
            plan.write(keepsake)?;
        }
        let slots = NewSlots::of(keepsake, plan.as_ref(), repository, &new)?;
        repository.rekey(&new, (&computer_name(), keepsake.now()), |header| {
            slots.add(keepsake, header, &new)
        })?;
        destinations::remember(keepsake, url, repository, None)?;
    }
    if let Some(plan) =
        plan.as_mut().filter(|plan| plan.waiting.iter().any(|waiting| waiting == url))
    {
        repository.settle_key(&computer_name())?;
        destinations::remember(keepsake, url, repository, None)?;
        plan.waiting.retain(|waiting| waiting != url);
        plan.write(keepsake)?;
    }
    Ok(())
}

/// Who gets the new key.
struct NewSlots {
    others: Vec<Computer>,
    account: Option<Account>,
    offline: Option<sealed_keys::OfflineKey>,
    /// Unix seconds at which this computer joined.
    joined: u64,
}

impl NewSlots {
    /// Without a plan another computer made the change, and those that stay have the new key from
    /// where it was made.
    fn of(
        keepsake: &Keepsake,
        plan: Option<&Plan>,
        repository: &Repository,
        new: &BackupKey,
    ) -> Result<Self> {
        let own = keepsake.local_key().computer_key().id();
        let all = repository.header().computers(repository.key())?;
        let joined = all.iter().find(|c| c.id == own).map_or_else(|| keepsake.now(), |c| c.joined);
        let stays =
            |c: &Computer| plan.is_some_and(|plan| plan.stay.iter().any(|stay| stay.id == c.id));
        Ok(Self {
            others: all.into_iter().filter(|c| c.id != own && stays(c)).collect(),
            account: keepsake.account()?.filter(|account| account.is_of(new)),
            offline: plan.map(Plan::offline).transpose()?.flatten(),
            joined,
        })
    }

    fn add(
        &self,
        keepsake: &Keepsake,
        header: &mut Header,
        key: &BackupKey,
    ) -> std::result::Result<(), sealed_keys::KeyError> {
        let by = keepsake.local_key().computer_key();
        let name = computer_name();
        header.add_computer(key, (&by.public(), &name), &by, self.joined, &mut OsRng)?;
        for other in &self.others {
            header.add_computer(
                key,
                (&other.public, &other.name),
                &by,
                other.joined,
                &mut OsRng,
            )?;
        }
        if let Some(account) = &self.account {
            add_recovery_slot(header, key, account)?;
        }
        if let Some(offline) = &self.offline {
            let parameters = serde_json::json!({});
            header.add_slot(
                key,
                SlotKind::OfflineKey,
                parameters,
                &offline.slot_key(),
                keepsake.now(),
                &mut OsRng,
            )?;
        }
        Ok(())
    }
}

impl Plan {
    /// Another computer of the person's may have made a code or a passkey that this one never knew.
    fn note_old_accounts(&mut self, header: &Header, key: &BackupKey) {
        let owner = key.owner_key().public();
        let codes = header
            .slots_of(&SlotKind::RecoveryCode)
            .filter_map(|s| s.recovery().ok())
            .map(|s| s.at);
        let passkeys =
            header.slots_of(&SlotKind::Passkey).filter_map(|s| s.passkey().ok()).map(|s| s.at);
        for at in codes.chain(passkeys).filter(|at| at.claim_of(owner).is_some()) {
            if !self.old.iter().any(|old| old.account == at.account) {
                self.old.push(at);
            }
        }
    }
}
