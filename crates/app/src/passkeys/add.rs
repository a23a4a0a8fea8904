//! Adding a passkey: made, registered with the fleet, and proved before it counts.

use super::authenticators::{holder, place_name, this_computer};
use super::checked_name::checked_name;
use super::known_passkeys::{Kept, Told};
use super::prompts::{Person, unless_stopped};
use super::release::{Wanted, unlock};
use super::roster::{Roster, roster_of};
use super::views::view_of;
use crate::backup::destinations;
use crate::fleet::{Connected, FleetFingerprint, connect_examined, same_fleet};
use crate::home::OwnedAccount;
use crate::model::{PasskeyAdded, PasskeyPlace};
use crate::progress::step;
use crate::recovery::{account_address, keep_errand};
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Unwatched, Watch};
use passkey_unlock::{Created, ORIGIN, PRF_INPUT, Purpose, RP_ID};
use sealed_keys::{AccountAddress, PasskeySlot, Secret};
use vault_client::{Begun, NewPasskey as NewInFleet};
use vault_protocol::{AccountId, PasskeyDigest};

const STEPS: u64 = super::release::STEPS;

/// What is to be added.
pub struct NewPasskey {
    /// Needed when this computer has no account in a vault yet.
    pub fleet_url: Option<String>,
    pub place: PasskeyPlace,
    pub name: String,
}

/// Makes a passkey that opens this computer's backups, on any computer if it is in a security key.
///
/// # Errors
/// What the holder, the fleet or the disk refuses; a passkey that could not be proved is taken
/// back.
pub async fn add_passkey(
    keepsake: &Keepsake,
    new: NewPasskey,
    pin: RecoverySecret,
    watch: &dyn Watch,
) -> Result<PasskeyAdded> {
    let name = checked_name(&new.name)?;
    // Fails before a prompt when the result could not be used.
    holder(keepsake, new.place).prompt(Purpose::Create).await?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let (connected, owned) = place_in_vault(keepsake, new.fleet_url.as_deref()).await?;
    let at = account_address(&connected, &owned);
    let roster = roster_of(&connected, &at).await?;
    step(watch, "Asking the vault", 1, STEPS);
    let begun = connected.fleet().begin_passkey(at.account).await?;
    step(watch, "Making the passkey", 2, STEPS);
    let adding = Adding {
        keepsake,
        connected: &connected,
        owned,
        at,
        roster,
        place: new.place,
        pin: &pin,
        watch,
    };
    let created = adding.create(&name, begun.challenge()).await?;
    let (slot, digest, unlock_key) = match adding.register(begun, &created).await {
        Ok(registered) => registered,
        Err(error) => {
            adding.erase(&created).await;
            return Err(error);
        }
    };
    let mock = holder(keepsake, new.place).description().mock;
    let told = Told { name, place: new.place, added: keepsake.now(), mock };
    let kept = Kept::seal(keepsake, slot, &unlock_key, told, hex::encode(digest));
    let mut passkeys = keepsake.passkeys()?;
    passkeys.kept.push(kept.clone());
    keepsake.keep_passkeys(&passkeys)?;
    let warnings = destinations::renew_ways_back(keepsake).await;
    step(watch, "Done", STEPS, STEPS);
    Ok(PasskeyAdded {
        passkey: view_of(keepsake, &kept)?,
        fleet_url: connected.url.clone(),
        fingerprint: FleetFingerprint::of(&connected.verified.trust_id()).to_string(),
        account: adding.at.account.to_string(),
        mock: connected.verified.mock(),
        warnings,
    })
}

/// The account that this computer has, or a new one at the named fleet.
async fn place_in_vault(
    keepsake: &Keepsake,
    fleet_url: Option<&str>,
) -> Result<(Connected, OwnedAccount)> {
    let known = keepsake.account_at()?;
    let url = match (&known, fleet_url) {
        (Some(at), Some(named)) if !same_fleet(named, &at.address.fleet_url)? => {
            return Err(account_elsewhere());
        }
        (Some(at), _) => at.address.fleet_url.as_str(),
        (None, Some(named)) => named,
        (None, None) => return Err(no_fleet()),
    };
    let connected = connect_examined(keepsake, url).await?;
    let owned = match &known {
        Some(at) => keepsake.owner_of(&at.address)?,
        None => OwnedAccount::new(&keepsake.backup_key_or_new()?),
    };
    Ok((connected, owned))
}

/// A passkey on its way into the fleet.
struct Adding<'a> {
    keepsake: &'a Keepsake,
    connected: &'a Connected,
    owned: OwnedAccount,
    at: AccountAddress,
    /// The account's passkeys before.
    roster: Roster,
    place: PasskeyPlace,
    pin: &'a RecoverySecret,
    watch: &'a dyn Watch,
}

impl Adding<'_> {
    fn account(&self) -> AccountId {
        self.at.account
    }

    async fn create(&self, name: &str, challenge: [u8; 32]) -> Result<Created> {
        let new = passkey_unlock::NewPasskey {
            rp_id: RP_ID.into(),
            origin: ORIGIN.into(),
            account: self.account().0.to_vec(),
            user_name: name.into(),
            challenge,
            prf_input: PRF_INPUT,
            exclude: self.roster.passkeys.iter().map(|p| p.head.credential.clone()).collect(),
        };
        let holder = holder(self.keepsake, self.place);
        let person = Person { pin: self.pin, watch: self.watch };
        unless_stopped(self.watch, holder.create(&new, &person)).await
    }

    /// Stores it at every site, and proves it by a whole release: only what came back from the
    /// fleet counts.
    async fn register(
        &self,
        begun: Begun,
        created: &Created,
    ) -> Result<(PasskeySlot, PasskeyDigest, Secret<32>)> {
        if self.watch.cancelled() {
            return Err(AppError::cancelled(
                "The passkey was made, but no vault knows it: it opens nothing.",
            ));
        }
        let new = NewInFleet {
            number: self.roster.next(),
            others: &self.roster.digests,
            credential: &created.credential_id,
            registration: serde_json::to_vec(&created.registration).expect("plain JSON"),
        };
        let registered =
            self.connected.fleet().register_passkey(begun, new, &self.owned.as_owner()).await?;
        let carried = &registered.carried;
        keep_errand(self.keepsake, self.connected, &carried.spread, carried.errand.as_ref())?;
        let slot = self.slot(created);
        let wanted = Wanted { slots: std::slice::from_ref(&slot), place: self.place };
        match unlock(self.keepsake, self.connected, &wanted, self.pin, self.watch).await {
            Ok(unlocked) => Ok((slot, registered.head.digest(), unlocked.unlock_key)),
            Err(error) => Err(self.take_back(error).await),
        }
    }

    /// A passkey that could not be proved must not stay: nobody would know that it opens nothing.
    async fn take_back(&self, mut error: AppError) -> AppError {
        let number = self.roster.next().saturating_add(1);
        let stay = &self.roster.digests;
        let carried =
            self.connected.fleet().leave_passkeys(&self.owned.as_owner(), number, stay).await;
        let kept =
            keep_errand(self.keepsake, self.connected, &carried.spread, carried.errand.as_ref());
        error.safe = match carried.spread.is_stored() && kept.is_ok() {
            true => "The new passkey was taken back; everything else is as it was.".into(),
            false => "The vault may keep a passkey that opens nothing. Remove it when the vault answers again.".into(),
        };
        error
    }

    /// What this computer made in vain would stand in the way of the next one. A security key
    /// replaces it by itself.
    async fn erase(&self, created: &Created) {
        if self.place == PasskeyPlace::ThisComputer {
            // Also after the person stopped the rest.
            let person = Person { pin: self.pin, watch: &Unwatched };
            let _ = this_computer(self.keepsake).remove(&created.credential_id, &person).await;
        }
    }

    fn slot(&self, created: &Created) -> PasskeySlot {
        PasskeySlot {
            at: self.at.clone(),
            credential: hex::encode(&created.credential_id),
            place: place_name(self.place).into(),
        }
    }
}

fn account_elsewhere() -> AppError {
    AppError::new(
        "other_fleet",
        "This computer's account is at another fleet than the one you gave.",
        "Nothing was changed.",
        NextStep::AddPasskeyWithoutAddress,
    )
}

fn no_fleet() -> AppError {
    AppError::new(
        "no_fleet",
        "This computer has no account in a vault yet, and no fleet was named.",
        "Nothing was changed.",
        NextStep::GiveFleetForPasskey,
    )
}
