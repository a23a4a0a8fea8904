//! Coming back with a passkey instead of the code.

use super::authenticators::{holder, place_name};
use super::known_passkeys::{Kept, Told};
use super::release::{STEPS, Unlocked, Wanted, unlock};
use super::roster::roster_of;
use crate::backup::destinations::{Destination, address};
use crate::fleet::{Connected, FleetPin, connect_examined, pinned};
use crate::model::{PasskeyPlace, PasskeyUsed};
use crate::progress::step;
use crate::protection::note_proof;
use crate::recovery::{header_of, learn_code};
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};
use sealed_keys::{BackupKey, Header, PasskeySlot, Slot, SlotKey, SlotKind};

/// Brings the backup key back with a passkey, and keeps it on this computer. Spends no try of the
/// code. Nobody is contacted but the fleet that `fleet` names, and no passkey is asked before its
/// evidence was found good.
///
/// # Errors
/// `fleet_needed`, `other_fleet`, `evidence_refused`, `passkey_removed`, …: each with what is safe.
pub async fn recover_with_passkey(
    keepsake: &Keepsake,
    repo: &str,
    fleet: Option<&FleetPin>,
    place: PasskeyPlace,
    pin: RecoverySecret,
    watch: &dyn Watch,
) -> Result<PasskeyUsed> {
    let url = address(repo)?;
    let header = header_of(keepsake, &url).await?;
    let slots = candidates(&header, place)?;
    let fleet_url = pinned(keepsake, fleet, &slots[0].at)?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect_examined(keepsake, &fleet_url).await?;
    let wanted = Wanted { slots: &slots, place };
    let unlocked = unlock(keepsake, &connected, &wanted, &pin, watch).await?;
    let key = header.open_with(SlotKind::Passkey, &SlotKey::new(unlocked.unlock_key.clone()))?;
    keepsake.keep_key_of(&header, &key)?;
    let name = keep(keepsake, &header, &unlocked, place, &connected).await?;
    let warnings = bring_code_back(keepsake, &connected, &header, &key, watch).await;
    if keepsake.destination(&url)?.is_none() {
        keepsake.keep_destination(Destination::new(url))?;
    }
    note_proof(keepsake)?;
    step(watch, "Done", STEPS, STEPS);
    Ok(PasskeyUsed { name, warnings, ..unlocked.told })
}

/// The backup's passkeys of the newest account, that are kept in this place; at least one. Those of
/// a vault of protocol version 1 open nothing any more: if there are no others, that is said.
fn candidates(header: &Header, place: PasskeyPlace) -> Result<Vec<PasskeySlot>> {
    let mut slots: Vec<&Slot> = header.slots_of(&SlotKind::Passkey).collect();
    slots.sort_by_key(|slot| std::cmp::Reverse(slot.created));
    let mut refused = None;
    let mut here = Vec::new();
    for slot in slots {
        match slot.passkey() {
            Ok(slot) if slot.place == place_name(place) => here.push(slot),
            Ok(_) => {}
            Err(error) => refused = Some(error),
        }
    }
    let Some(newest) = here.first().map(|slot| slot.at.clone()) else {
        return Err(refused.map_or_else(|| no_passkey(place), AppError::from));
    };
    here.retain(|slot| slot.at == newest);
    Ok(here)
}

/// Remembers the passkey here, so that further backups get its slot.
async fn keep(
    keepsake: &Keepsake,
    header: &Header,
    unlocked: &Unlocked,
    place: PasskeyPlace,
    connected: &Connected,
) -> Result<String> {
    let mut passkeys = keepsake.passkeys()?;
    let same = |kept: &&Kept| kept.slot.credential == unlocked.slot.credential;
    if let Some(known) = passkeys.kept.iter().find(same) {
        return Ok(known.name.clone());
    }
    let description = holder(keepsake, place).description();
    let roster = roster_of(connected, &unlocked.slot.at).await?;
    let listed = roster.with_credential(&unlocked.slot.credential);
    let added = header
        .slots_of(&SlotKind::Passkey)
        .find(|slot| slot.passkey().as_ref() == Ok(&unlocked.slot));
    let told = Told {
        name: description.name.clone(),
        place,
        added: added.map_or(0, |slot| slot.created),
        mock: description.mock,
    };
    let digest = listed.map(|p| hex::encode(p.head.digest())).unwrap_or_default();
    passkeys.kept.push(Kept::seal(
        keepsake,
        unlocked.slot.clone(),
        &unlocked.unlock_key,
        told,
        digest,
    ));
    keepsake.keep_passkeys(&passkeys)?;
    Ok(description.name)
}

/// The backup holds a copy of the recovery code for whoever opens it. With it this computer learns
/// again what a code's recovery would have told it, so that drills, new codes and backups go on as
/// before.
async fn bring_code_back(
    keepsake: &Keepsake,
    connected: &Connected,
    header: &Header,
    key: &BackupKey,
    watch: &dyn Watch,
) -> Vec<String> {
    match learn_code(keepsake, connected, header, key, watch).await {
        Ok(()) => vec![],
        Err(error) => vec![format!(
            "Your recovery code could not be brought along: {} Make a new one on the Recovery page.",
            error.happened
        )],
    }
}

fn no_passkey(place: PasskeyPlace) -> AppError {
    let where_ = match place {
        PasskeyPlace::ThisComputer => "on a computer",
        PasskeyPlace::SecurityKey => "in a security key",
    };
    AppError::new(
        "no_way_in",
        format!("This backup has no passkey that is kept {where_}."),
        "Nothing was changed.",
        NextStep::ChooseAnotherPasskeyOrWayIn,
    )
}
