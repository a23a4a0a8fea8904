//! Adding a passkey: made, registered with the fleet, and proved before it counts.

use super::holders::{holder, place_name, this_computer};
use super::kept::{Kept, Told};
use super::list::view_of;
use super::person::{Person, unless_stopped};
use super::release::{Wanted, unlock};
use super::rename::checked_name;
use crate::clock::unix_now;
use crate::fleet::{Connected, connect_examined};
use crate::model::{PasskeyAdded, PasskeyPlace};
use crate::ownership::AccountAt;
use crate::watch::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Unwatched, Watch, places};
use passkey_unlock::{Created, ORIGIN, PRF_INPUT, Purpose, RP_ID};
use sealed_keys::{BackupKey, PasskeySlot, Secret};
use vault_client::{Begun, NewPasskey as NewInFleet, Owner, VaultError};
use vault_protocol::{AccountId, OwnerKey, PasskeyDigest, PasskeyList};

const STEPS: u64 = super::release::STEPS;

/// What is to be added.
pub struct NewPasskey {
    /// Needed when this computer has no account in a vault yet.
    pub fleet_url: Option<String>,
    pub place: PasskeyPlace,
    pub name: String,
}

/// Makes a passkey that opens this computer's backups, on any computer if it is in a security key.
pub async fn add_passkey(
    keepsake: &Keepsake,
    new: NewPasskey,
    pin: RecoverySecret,
    watch: &dyn Watch,
) -> Result<PasskeyAdded> {
    let name = checked_name(&new.name)?;
    // Nobody is asked for anything in vain.
    holder(keepsake, new.place).prompt(Purpose::Create).await?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let (connected, account) = place_in_vault(keepsake, new.fleet_url.as_deref()).await?;
    let list = list_of(&connected, account).await?;
    let backup_key = keepsake.backup_key_or_new()?;
    step(watch, "Asking the vault", 1, STEPS);
    let begun = connected.fleet().begin_passkey(account, list.change + 1).await?;
    step(watch, "Making the passkey", 2, STEPS);
    let adding = Adding { keepsake, connected: &connected, account, list: &list, place: new.place, pin: &pin, watch };
    let created = adding.create(&name, &begun).await?;
    let (slot, digest, unlock_key) = match adding.register(begun, &created, &backup_key).await {
        Ok(registered) => registered,
        Err(error) => {
            adding.erase(&created).await;
            return Err(error);
        }
    };
    let mock = holder(keepsake, new.place).description().mock;
    let keys_since = connected.verified.bundle().keys_since();
    let told = Told { name, place: new.place, added: unix_now(), mock, keys_since };
    let kept = Kept::seal(keepsake, slot, &unlock_key, told, hex::encode(digest));
    let mut passkeys = keepsake.passkeys()?;
    passkeys.kept.push(kept.clone());
    keepsake.keep_passkeys(&passkeys)?;
    let warnings = places::renew_ways_back(keepsake).await;
    step(watch, "Done", STEPS, STEPS);
    Ok(PasskeyAdded {
        passkey: view_of(keepsake, &kept)?,
        fleet_url: connected.url.clone(),
        account: account.to_string(),
        mock: connected.verified.mock(),
        warnings,
    })
}

/// The account that this computer has, or a new one at the named fleet.
async fn place_in_vault(keepsake: &Keepsake, fleet_url: Option<&str>) -> Result<(Connected, AccountId)> {
    let known = keepsake.account_at()?;
    let url = match (&known, fleet_url) {
        (Some(at), None) => at.fleet_url.as_str(),
        (Some(at), Some(named)) => {
            crate::recover::refuse_other_fleet(Some(named), &at.fleet_url)?;
            at.fleet_url.as_str()
        }
        (None, Some(named)) => named,
        (None, None) => return Err(no_fleet()),
    };
    let connected = connect_examined(keepsake, url).await?;
    let account = known.map_or_else(AccountAt::new_id, |at| at.account);
    Ok((connected, account))
}

pub(super) async fn list_of(connected: &Connected, account: AccountId) -> Result<PasskeyList> {
    match connected.fleet().passkeys(account).await {
        Ok(look) => Ok(look.value),
        Err(VaultError::NoSuchAccount) => Ok(PasskeyList::default()),
        Err(error) => Err(error.into()),
    }
}

/// A passkey on its way into the fleet.
struct Adding<'a> {
    keepsake: &'a Keepsake,
    connected: &'a Connected,
    account: AccountId,
    /// The account's passkeys before.
    list: &'a PasskeyList,
    place: PasskeyPlace,
    pin: &'a RecoverySecret,
    watch: &'a dyn Watch,
}

impl Adding<'_> {
    async fn create(&self, name: &str, begun: &Begun<'_>) -> Result<Created> {
        let new = passkey_unlock::NewPasskey {
            rp_id: RP_ID.into(),
            origin: ORIGIN.into(),
            account: self.account.0.to_vec(),
            user_name: name.into(),
            challenge: begun.challenge(),
            prf_input: PRF_INPUT,
            exclude: self.list.passkeys.iter().map(|p| p.credential.clone()).collect(),
        };
        let (holder, person) = (holder(self.keepsake, self.place), Person { pin: self.pin, watch: self.watch });
        unless_stopped(self.watch, holder.create(&new, &person)).await
    }

    /// Stores it at every site, and proves it by a whole release: only what came back from the fleet counts.
    async fn register(
        &self,
        begun: Begun<'_>,
        created: &Created,
        backup_key: &BackupKey,
    ) -> Result<(PasskeySlot, PasskeyDigest, Secret<32>)> {
        if self.watch.cancelled() {
            return Err(AppError::cancelled("The passkey was made, but no vault knows it: it opens nothing."));
        }
        let others = digests(self.list);
        let new = NewInFleet {
            change: self.list.change + 1,
            others: &others,
            credential: &created.credential_id,
            registration: serde_json::to_vec(&created.registration).expect("plain JSON"),
        };
        let owner = backup_key.owner_key();
        let owner = Owner { key: OwnerKey(owner.public()), sign: &|message| owner.sign(message) };
        let (_, digest) = self.connected.fleet().register_passkey(begun, new, &owner).await?;
        let slot = self.slot(created);
        let wanted = Wanted { slots: std::slice::from_ref(&slot), place: self.place };
        match unlock(self.keepsake, self.connected, &wanted, self.pin, self.watch).await {
            Ok(unlocked) => Ok((slot, digest, unlocked.unlock_key)),
            Err(error) => Err(self.take_back(&owner, error).await),
        }
    }

    /// A passkey that could not be proved must not stay: nobody would know that it opens nothing.
    async fn take_back(&self, owner: &Owner<'_>, mut error: AppError) -> AppError {
        let (change, stay) = (self.list.change + 2, digests(self.list));
        error.safe = match self.connected.fleet().remove_passkeys(self.account, change, &stay, owner).await {
            Ok(()) => "The new passkey was taken back; everything else is as it was.".into(),
            Err(_) => "The vault may keep a passkey that opens nothing. Remove it when the vault answers again.".into(),
        };
        error
    }

    /// What this computer made in vain would stand in the way of the next one. A security key replaces it by itself.
    async fn erase(&self, created: &Created) {
        if self.place == PasskeyPlace::ThisComputer {
            // Also after the person stopped the rest.
            let person = Person { pin: self.pin, watch: &Unwatched };
            let _ = this_computer(self.keepsake).remove(&created.credential_id, &person).await;
        }
    }

    fn slot(&self, created: &Created) -> PasskeySlot {
        PasskeySlot {
            account: self.account.to_string(),
            credential: hex::encode(&created.credential_id),
            trust: hex::encode(self.connected.verified.trust_id()),
            fleet_id: self.connected.verified.bundle().fleet_id.to_string(),
            fleet_url: self.connected.url.clone(),
            place: place_name(self.place).into(),
        }
    }
}

pub(super) fn digests(list: &PasskeyList) -> Vec<PasskeyDigest> {
    list.passkeys.iter().map(|p| p.digest).collect()
}

fn no_fleet() -> AppError {
    AppError::new(
        "no_fleet",
        "This computer has no account in a vault yet, and no fleet was named.",
        "Nothing was changed.",
        "Name the fleet's full address: keepsake passkey add --fleet URL.",
    )
}
