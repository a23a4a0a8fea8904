//! One passkey, shown to the fleet: what the sites release and what the passkey gives, together.

use super::authenticators::holder;
use super::prompts::{Person, unless_stopped};
use super::roster::roster_of;
use crate::fleet::Connected;
use crate::model::{PasskeyPlace, PasskeyUsed};
use crate::progress::step;
use crate::recovery::caught;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};
use passkey_unlock::{AssertionRequest, ORIGIN, PRF_INPUT, RP_ID, UnlockContext, unlock_key};
use sealed_keys::{PasskeySlot, Secret};
use std::time::Instant;
use vault_client::VaultError;

pub(super) const STEPS: u64 = 4;

/// Any of these passkeys, all of one account and kept in one place; at least one.
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
/// Only passkeys that the owner's newest roster names are asked for.
pub(super) async fn unlock(
    keepsake: &Keepsake,
    connected: &Connected,
    wanted: &Wanted<'_>,
    pin: &RecoverySecret,
    watch: &dyn Watch,
) -> Result<Unlocked> {
    let began = Instant::now();
    let at = &wanted.slots.first().ok_or(sealed_keys::KeyError::NoSuchSlot)?.at;
    step(watch, "Asking the vault", 1, STEPS);
    let roster = roster_of(connected, at).await?;
    let listed: Vec<_> = wanted
        .slots
        .iter()
        .filter(|slot| roster.with_credential(&slot.credential).is_some())
        .collect();
    if listed.is_empty() {
        return Err(connected.refusal(VaultError::NoSuchPasskey, at));
    }
    let refused = |error| match error {
        VaultError::PasskeyTooSoon { at } => {
            AppError::passkey_too_soon(at.saturating_sub(roster.time))
        }
        other => connected.refusal(other, at),
    };
    let begun = connected.fleet().begin_release(at.account).await.map_err(refused)?;
    step(watch, "Asking the passkey", 2, STEPS);
    let (slot, assertion, prf) =
        ask_passkey(keepsake, &listed, wanted.place, begun.challenge(), pin, watch).await?;
    if watch.cancelled() {
        return Err(AppError::cancelled("The vault was not shown the passkey."));
    }
    step(watch, "Showing it to the vault", 3, STEPS);
    let passkey = roster.with_credential(&slot.credential).ok_or(VaultError::NoSuchPasskey)?;
    let released = connected.fleet().release(begun, &passkey.head, assertion).await?;
    let keys = connected.fleet().keys();
    let context = UnlockContext { keys, account: at.account, credential_id: credential(&slot)? };
    let away = u8::try_from(released.notes.problems.len()).unwrap_or(u8::MAX);
    let told = PasskeyUsed {
        name: String::new(),
        sites_answered: connected.sites().saturating_sub(away),
        sites: connected.sites(),
        mock: connected.verified.mock(),
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        caught: caught(connected.verified.bundle(), &released.notes),
        warnings: vec![],
    };
    Ok(Unlocked { unlock_key: unlock_key(&released.secret, &prf, &context), slot, told })
}

/// The answer for the fleet, and the PRF output, which stays here.
async fn ask_passkey(
    keepsake: &Keepsake,
    slots: &[&PasskeySlot],
    place: PasskeyPlace,
    challenge: [u8; 32],
    pin: &RecoverySecret,
    watch: &dyn Watch,
) -> Result<(PasskeySlot, Vec<u8>, Secret<32>)> {
    let request = AssertionRequest {
        rp_id: RP_ID.into(),
        origin: ORIGIN.into(),
        challenge,
        allowed: slots.iter().map(|slot| credential(slot)).collect::<Result<_>>()?,
        prf_input: PRF_INPUT,
    };
    let person = Person { pin, watch };
    let asserted = unless_stopped(watch, holder(keepsake, place).assert(&request, &person)).await?;
    let used = hex::encode(&asserted.credential_id);
    let slot = slots.iter().find(|slot| slot.credential == used).copied().cloned();
    let slot = slot.ok_or(passkey_unlock::PasskeyError::NoPasskey)?;
    Ok((slot, serde_json::to_vec(&asserted.assertion).expect("plain JSON"), asserted.prf))
}

fn credential(slot: &PasskeySlot) -> Result<Vec<u8>> {
    let next = NextStep::UseAnotherCopy;
    let damaged =
        |_| AppError::damaged("The backup's passkey slot", "its credential is not hex", next);
    hex::decode(&slot.credential).map_err(damaged)
}
