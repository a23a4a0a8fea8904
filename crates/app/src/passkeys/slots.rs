//! The key slots of passkeys in the headers of backups.

use super::authenticators::place_of;
use super::known_passkeys::{Kept, Passkeys};
use crate::home::belongs_to;
use crate::model::PasskeyPlace;
use crate::{Keepsake, Result};
use backup_engine::Repository;
use rand_core::OsRng;
use sealed_keys::{BackupKey, Header, KeyError, SlotId, SlotKey, SlotKind};

/// Gives a backup a slot for each passkey of this computer, and takes the slots of removed ones
/// away. Those of other computers stay as they are.
pub(crate) fn renew_passkey_slots(
    keepsake: &Keepsake,
    repository: &mut Repository,
    key: &BackupKey,
) -> Result<()> {
    let passkeys = keepsake.passkeys()?;
    let stale = stale(repository.header(), &passkeys);
    let mut missing = missing(repository.header(), &passkeys);
    missing.retain(|kept| belongs_to(&kept.slot.at, key));
    if missing.is_empty() && stale.is_empty() {
        return Ok(());
    }
    let missing = missing
        .into_iter()
        .map(|kept| Ok((kept, kept.slot_key(keepsake)?)))
        .collect::<Result<Vec<(&Kept, SlotKey)>>>()?;
    repository.update_header(key, |header| {
        missing.iter().try_for_each(|(kept, slot_key)| add(header, key, kept, slot_key))?;
        // The last slot stays: what it opened is destroyed in the fleet, and a header without slots
        // is none.
        let removed = stale.iter().try_for_each(|id| header.remove_slot(key, id));
        if removed == Err(KeyError::LastSlot) { Ok(()) } else { removed }
    })?;
    Ok(())
}

fn missing<'a>(header: &Header, passkeys: &'a Passkeys) -> Vec<&'a Kept> {
    let there =
        |kept: &Kept| credentials(header).any(|(_, credential)| credential == kept.slot.credential);
    passkeys.kept.iter().filter(|kept| !there(kept)).collect()
}

fn stale(header: &Header, passkeys: &Passkeys) -> Vec<SlotId> {
    credentials(header)
        .filter(|(_, credential)| passkeys.removed.contains(credential))
        .map(|(id, _)| id)
        .collect()
}

fn credentials(header: &Header) -> impl Iterator<Item = (SlotId, String)> {
    header
        .slots_of(&SlotKind::Passkey)
        .filter_map(|slot| Some((slot.id.clone(), slot.passkey().ok()?.credential)))
}

fn add(
    header: &mut Header,
    key: &BackupKey,
    kept: &Kept,
    slot_key: &SlotKey,
) -> std::result::Result<(), KeyError> {
    let parameters = serde_json::to_value(&kept.slot).expect("strings");
    header
        .add_slot(key, SlotKind::Passkey, parameters, slot_key, kept.added, &mut OsRng)
        .map(|_| ())
}

/// Where the passkeys that open a backup are kept, each place once.
pub(crate) fn passkey_places(header: &Header) -> Vec<PasskeyPlace> {
    let mut places = vec![];
    for slot in header.slots_of(&SlotKind::Passkey).filter_map(|slot| slot.passkey().ok()) {
        if let Some(place) = place_of(&slot.place).filter(|place| !places.contains(place)) {
            places.push(place);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealed_keys::{RepositoryId, Secret};
    use serde_json::json;

    fn kept(credential: &str, place: &str) -> serde_json::Value {
        let slot = json!({ "account": "00".repeat(16), "claim": "33".repeat(16), "keys": "44".repeat(32),
            "trust": "11".repeat(32), "fleet_id": "22".repeat(16), "fleet_url": "https://fleet.example",
            "credential": credential, "place": place });
        json!({ "slot": slot, "digest": credential, "name": "key", "place": place, "added": 1, "mock": true,
            "sealed": "" })
    }

    fn passkeys(kept: &[serde_json::Value], removed: &[&str]) -> Passkeys {
        let file = json!({ "type": "keepsake/passkeys/v2", "kept": kept, "removed": removed });
        serde_json::from_value(file).unwrap()
    }

    #[test]
    fn a_backup_gets_what_it_lacks_loses_what_was_removed_and_keeps_what_others_added() {
        let key = BackupKey::generate(&mut OsRng);
        let mut header = Header::create(RepositoryId::generate(&mut OsRng), 1, &key);
        let all = passkeys(
            &[kept("aa", "security_key"), kept("bb", "this_computer"), kept("cc", "security_key")],
            &[],
        );
        for kept in &all.kept {
            add(&mut header, &key, kept, &SlotKey::new(Secret::generate(&mut OsRng))).unwrap();
        }
        assert_eq!(
            passkey_places(&header),
            [PasskeyPlace::SecurityKey, PasskeyPlace::ThisComputer]
        );

        // Here "aa" was removed and "dd" is new; "cc" is another computer's.
        let now = passkeys(&[kept("bb", "this_computer"), kept("dd", "security_key")], &["aa"]);
        let lacking: Vec<_> =
            missing(&header, &now).into_iter().map(|kept| kept.slot.credential.as_str()).collect();
        assert_eq!(lacking, ["dd"]);
        let first = header.slots[0].id.clone();
        assert_eq!(stale(&header, &now), [first]);
        assert!(stale(&header, &all).is_empty() && missing(&header, &all).is_empty());
    }

    #[test]
    fn a_slot_of_a_later_version_is_left_alone() {
        let key = BackupKey::generate(&mut OsRng);
        let mut header = Header::create(RepositoryId::generate(&mut OsRng), 1, &key);
        let slot_key = SlotKey::new(Secret::generate(&mut OsRng));
        header
            .add_slot(&key, SlotKind::Passkey, json!({ "later": true }), &slot_key, 1, &mut OsRng)
            .unwrap();
        let now = passkeys(&[], &["aa"]);
        assert!(stale(&header, &now).is_empty());
        assert!(passkey_places(&header).is_empty());
    }
}
