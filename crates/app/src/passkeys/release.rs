//! One passkey, shown to the fleet: what the sites release and what the passkey gives, together.

use super::holders::holder;
use super::person::{Person, unless_stopped};
use crate::fleet::Connected;
use crate::model::{PasskeyPlace, PasskeyUsed};
use crate::watch::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch};
use passkey_unlock::{AssertionRequest, ORIGIN, PRF_INPUT, RP_ID, UnlockContext, unlock_key};
use sealed_keys::{PasskeySlot, Secret};
use std::time::Instant;
use vault_client::Begun;
use vault_protocol::AccountId;

pub(super) const STEPS: u64 = 4;

/// Any of these passkeys, all of one account and kept in one place.
pub(super) struct Wanted<'a> {
    pub slots: &'a [PasskeySlot],
    pub place: PasskeyPlace,
}

/// A passkey that the fleet accepted.
pub(super) struct Unlocked {
    pub slot: PasskeySlot,
    pub unlock_key: Secret<32>,
    pub told: PasskeyUsed,
}

/// Asks the person for the passkey, shows it to the sites, and makes the unlock key of both halves.
pub(super) async fn unlock(
    keepsake: &Keepsake,
    connected: &Connected,
    wanted: &Wanted<'_>,
    pin: &RecoverySecret,
    watch: &dyn Watch,
) -> Result<Unlocked> {
    let began = Instant::now();
    let account = account_id(wanted.slots.first().ok_or(sealed_keys::KeyError::NoSuchSlot)?)?;
    step(watch, "Asking the vault", 1, STEPS);
    let begun = connected.fleet().begin_release(account).await?;
    step(watch, "Asking the passkey", 2, STEPS);
    let (slot, assertion, prf) = ask_passkey(keepsake, wanted, &begun, pin, watch).await?;
    if watch.cancelled() {
        return Err(AppError::cancelled("The vault was not shown the passkey."));
    }
    step(watch, "Showing it to the vault", 3, STEPS);
    let context = unlock_context(connected, &slot)?;
    let released = connected.fleet().release(begun, &context.credential_id, assertion).await?;
    let unlock_key = unlock_key(&released.secret, &prf, &context);
    let sites = u8::try_from(connected.verified.bundle().sites.len()).unwrap_or(u8::MAX);
    let away = u8::try_from(released.problems.len()).unwrap_or(u8::MAX);
    let told = PasskeyUsed {
        name: String::new(),
        sites_answered: sites.saturating_sub(away),
        sites,
        mock: connected.verified.mock(),
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        warnings: vec![],
    };
    Ok(Unlocked { slot, unlock_key, told })
}

/// The answer for the fleet, and the PRF output, which stays here.
async fn ask_passkey(
    keepsake: &Keepsake,
    wanted: &Wanted<'_>,
    begun: &Begun<'_>,
    pin: &RecoverySecret,
    watch: &dyn Watch,
) -> Result<(PasskeySlot, Vec<u8>, Secret<32>)> {
    let request = AssertionRequest {
        rp_id: RP_ID.into(),
        origin: ORIGIN.into(),
        challenge: begun.challenge(),
        allowed: wanted.slots.iter().map(credential).collect::<Result<_>>()?,
        prf_input: PRF_INPUT,
    };
    let (holder, person) = (holder(keepsake, wanted.place), Person { pin, watch });
    let asserted = unless_stopped(watch, holder.assert(&request, &person)).await?;
    let used = hex::encode(&asserted.credential_id);
    let slot = wanted.slots.iter().find(|slot| slot.credential == used).cloned();
    let slot = slot.ok_or(passkey_unlock::PasskeyError::NoPasskey)?;
    Ok((slot, serde_json::to_vec(&asserted.assertion).expect("plain JSON"), asserted.prf))
}

pub(super) fn unlock_context(connected: &Connected, slot: &PasskeySlot) -> Result<UnlockContext> {
    Ok(UnlockContext {
        fleet: connected.verified.bundle().fleet_id,
        account: account_id(slot)?,
        credential_id: credential(slot)?,
    })
}

pub(crate) fn account_id(slot: &PasskeySlot) -> Result<AccountId> {
    AccountId::from_hex(&slot.account).ok_or_else(|| damaged_slot("its account is not 32 hex digits"))
}

fn credential(slot: &PasskeySlot) -> Result<Vec<u8>> {
    hex::decode(&slot.credential).map_err(|_| damaged_slot("its credential is not hex"))
}

fn damaged_slot(why: &str) -> AppError {
    AppError::damaged("The backup's passkey slot", why, "Use another copy of the backup.")
}
