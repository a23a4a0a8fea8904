//! Coming back with a passkey instead of the code.

use super::holders::{holder, place_name};
use super::kept::{Kept, Told};
use super::release::{STEPS, Unlocked, Wanted, unlock};
use crate::drill;
use crate::fleet::{Connected, connect};
use crate::model::{PasskeyPlace, PasskeyUsed};
use crate::ownership::Account;
use crate::places::{Place, address};
use crate::recover::{header_of, newest_slot, refuse_other_fleet};
use crate::watch::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch};
use sealed_keys::{BackupKey, Header, PasskeySlot, RecoveryCode, RecoverySlot, Slot, SlotKey, SlotKind};

/// Brings the backup key back with a passkey, and keeps it on this computer. Spends no try of the code. `fleet` refuses
/// any other fleet than the one on the recovery sheet.
pub async fn recover_with_passkey(
    keepsake: &Keepsake,
    repo: &str,
    fleet: Option<&str>,
    place: PasskeyPlace,
    pin: RecoverySecret,
    watch: &dyn Watch,
) -> Result<PasskeyUsed> {
    let url = address(repo)?;
    let header = header_of(&url).await?;
    let slots = candidates(&header, place)?;
    refuse_other_fleet(fleet, &slots[0].fleet_url)?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect(keepsake, &slots[0].fleet_url).await?;
    let wanted = Wanted { slots: &slots, place };
    let unlocked = unlock(keepsake, &connected, &wanted, &pin, watch).await?;
    let key = header.open_with(SlotKind::Passkey, &SlotKey::new(unlocked.unlock_key.clone()))?;
    keepsake.keep_backup_key(&key)?;
    let name = keep(keepsake, &header, &unlocked, place, &connected).await?;
    let warnings = bring_code_back(keepsake, &connected, &header, &key).await;
    if keepsake.place(&url)?.is_none() {
        keepsake.keep_place(Place { url, last_backup: None, cursor: 0, seen: None })?;
    }
    step(watch, "Done", STEPS, STEPS);
    Ok(PasskeyUsed { name, warnings, ..unlocked.told })
}

/// The backup's passkeys of the newest account, that are kept in this place; at least one.
fn candidates(header: &Header, place: PasskeyPlace) -> Result<Vec<PasskeySlot>> {
    let mut slots: Vec<&Slot> = header.slots_of(&SlotKind::Passkey).collect();
    slots.sort_by_key(|slot| std::cmp::Reverse(slot.created));
    let all = slots.into_iter().map(Slot::passkey).collect::<std::result::Result<Vec<_>, _>>()?;
    let here: Vec<PasskeySlot> = all.into_iter().filter(|slot| slot.place == place_name(place)).collect();
    let account = here.first().map(|slot| (slot.account.clone(), slot.fleet_url.clone()));
    let newest = here.into_iter().filter(|s| Some((s.account.clone(), s.fleet_url.clone())) == account);
    let newest: Vec<_> = newest.collect();
    if newest.is_empty() { Err(no_passkey(place)) } else { Ok(newest) }
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
    let list = super::add::list_of(connected, super::release::account_id(&unlocked.slot)?).await?;
    let listed = list.passkeys.iter().find(|p| hex::encode(&p.credential) == unlocked.slot.credential);
    let added = header.slots_of(&SlotKind::Passkey).find(|slot| slot.passkey().as_ref() == Ok(&unlocked.slot));
    let told = Told {
        name: description.name.clone(),
        place,
        added: added.map_or(0, |slot| slot.created),
        mock: description.mock,
        keys_since: connected.verified.bundle().keys_since(),
    };
    let digest = listed.map(|p| hex::encode(p.digest)).unwrap_or_default();
    passkeys.kept.push(Kept::seal(keepsake, unlocked.slot.clone(), &unlocked.unlock_key, told, digest));
    keepsake.keep_passkeys(&passkeys)?;
    Ok(description.name)
}

/// The backup holds a copy of the recovery code for whoever opens it. With it this computer learns again what a code's
/// recovery would have told it, so that drills, new codes and backups go on as before.
async fn bring_code_back(keepsake: &Keepsake, connected: &Connected, header: &Header, key: &BackupKey) -> Vec<String> {
    match learn_code(keepsake, connected, header, key).await {
        Ok(()) => vec![],
        Err(error) => vec![format!(
            "Your recovery code could not be brought along: {} Make a new one on the Recovery page.",
            error.happened
        )],
    }
}

async fn learn_code(keepsake: &Keepsake, connected: &Connected, header: &Header, key: &BackupKey) -> Result<()> {
    if keepsake.account_slot()?.is_some() {
        return Ok(());
    }
    let Some((slot, registered)) = newest_slot(header)? else { return Ok(()) };
    let id = header.slots_of(&SlotKind::RecoveryCode).find(|s| s.created == registered).map(|s| s.id.clone());
    let code = header.reveal_code(key, &id.ok_or(sealed_keys::KeyError::NoSuchSlot)?)?;
    if slot.fleet_url != connected.url {
        let other = connect(keepsake, &slot.fleet_url).await?;
        return learn_at(keepsake, &other, slot, registered, code).await;
    }
    learn_at(keepsake, connected, slot, registered, code).await
}

async fn learn_at(
    keepsake: &Keepsake,
    connected: &Connected,
    slot: RecoverySlot,
    registered: u64,
    code: RecoveryCode,
) -> Result<()> {
    let (vault_key, _) = drill::unlock(connected, &slot, &code).await?;
    let keys_since = Some(connected.verified.bundle().keys_since());
    keepsake.keep_account(&Account { slot, keys_since, registered, code, vault_key })
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
        "Choose another way: recovery code, another passkey, offline key, or the computer that made the backup.",
    )
}
