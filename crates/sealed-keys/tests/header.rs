//! A backup's header, as people and attackers handle it.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use sealed_keys::{
    AccountAddress, Argon2Params, BackupKey, CodeKind, Header, KeyError, LocalKey, MAX_HEADER,
    OfflineKey, OsRng, RecoveryCode, RecoverySlot, RepositoryId, Secret, SlotId, SlotKey, SlotKind,
};
use serde_json::{Value, json};
use vault_protocol::{AccountId, FleetId, KeysDigest};

fn recovery_slot() -> RecoverySlot {
    let at = AccountAddress {
        account: AccountId([0x11; 16]),
        claim: [0x12; 16],
        keys: KeysDigest([0x13; 32]),
        trust: [0x22; 32],
        fleet_id: FleetId([0x33; 16]),
        fleet_url: "https://fleet.example/#sha256=22".into(),
    };
    RecoverySlot {
        at,
        version: 1,
        access: Secret::new([0x44; 32]),
        argon2: Argon2Params::default(),
        code: CodeKind::Generated,
    }
}

struct Kit {
    key: BackupKey,
    header: Header,
    code: RecoveryCode,
    vault_key: SlotKey,
    offline: OfflineKey,
}

fn kit() -> Kit {
    let key = BackupKey::generate(&mut OsRng);
    let mut header = Header::create(RepositoryId::generate(&mut OsRng), 1_764_000_000, &key);
    let code = RecoveryCode::generate(&mut OsRng);
    let vault_key = SlotKey::new(Secret::new([9; 32]));
    let offline = OfflineKey::generate(&mut OsRng);
    header.add_recovery_code(&key, &recovery_slot(), (&code, &vault_key), 1, &mut OsRng).unwrap();
    header
        .add_slot(&key, SlotKind::OfflineKey, json!({}), &offline.slot_key(), 2, &mut OsRng)
        .unwrap();
    Kit { key, header, code, vault_key, offline }
}

/// The bytes of an altered header with a checksum that fits, as somebody would write it who alters
/// on purpose.
fn with_its_checksum(mut header: Value) -> Vec<u8> {
    header.as_object_mut().unwrap().remove("checksum");
    let canonical = serde_json_canonicalizer::to_vec(&header).unwrap();
    header["checksum"] = json!(hex::encode(sealed_keys::digest(&canonical)));
    serde_json::to_vec(&header).unwrap()
}

#[test]
fn every_slot_opens_the_same_key_and_survives_the_disk() {
    let kit = kit();
    let header = Header::parse(&kit.header.to_bytes()).unwrap();
    assert_eq!(header, kit.header);
    assert_eq!(header.open_with(SlotKind::RecoveryCode, &kit.vault_key).unwrap(), kit.key);
    assert_eq!(header.open_with(SlotKind::OfflineKey, &kit.offline.slot_key()).unwrap(), kit.key);
    let slot = header.slots_of(&SlotKind::RecoveryCode).next().unwrap();
    assert_eq!(slot.recovery().unwrap(), recovery_slot());
    assert_eq!(header.reveal_code(&kit.key, &slot.id).unwrap(), kit.code);
}

#[test]
fn the_header_shows_no_secret() {
    let kit = kit();
    let text = String::from_utf8(kit.header.to_bytes()).unwrap();
    assert!(!text.contains(kit.code.display().expose()));
    assert!(!text.contains(&hex::encode(kit.key.secret().expose())));
}

#[test]
fn a_wrong_key_is_told_from_damage() {
    let kit = kit();
    let wrong = LocalKey::generate(&mut OsRng).slot_key();
    assert!(matches!(
        kit.header.open_with(SlotKind::OfflineKey, &wrong),
        Err(KeyError::WrongKey(_))
    ));
    assert_eq!(kit.header.open_with(SlotKind::Passkey, &wrong), Err(KeyError::NoSuchSlot));
    // The right key for a slot of another kind opens nothing either.
    assert!(matches!(
        kit.header.open_with(SlotKind::RecoveryCode, &kit.offline.slot_key()),
        Err(KeyError::WrongKey(_))
    ));
    assert!(matches!(
        kit.header.verify(&BackupKey::generate(&mut OsRng)),
        Err(KeyError::WrongKey(_))
    ));
}

#[test]
fn damage_shows_without_a_key_and_alteration_with_it() {
    let kit = kit();
    let whole = kit.header.to_bytes();
    // White space between the fields is the only part of the file that means nothing.
    let meaningful = |at: &usize| !whole[*at].is_ascii_whitespace();
    for at in (0..whole.len()).filter(meaningful) {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        assert!(Header::parse(&damaged).is_err() || damaged[at].is_ascii_whitespace(), "byte {at}");
    }
    let mut altered: Value = serde_json::from_slice(&whole).unwrap();
    altered["created"] = json!(5);
    altered["mac"] = json!("00".repeat(32));
    let altered = Header::parse(&with_its_checksum(altered)).unwrap();
    assert!(matches!(altered.verify(&kit.key), Err(KeyError::Damaged(_))));
}

#[test]
fn a_header_of_the_first_format_is_read_and_brought_up_to_date() {
    let key = BackupKey::from_secret(Secret::new([7; 32]));
    let mut header = Header::parse(include_bytes!("first-format.json")).unwrap();
    header.verify(&key).unwrap();
    assert!(!header.is_current_format());
    let generation = header.generation;
    header.upgrade(&key).unwrap();
    assert_eq!((header.is_current_format(), header.generation), (true, generation + 1));
    Header::parse(&header.to_bytes()).unwrap().verify(&key).unwrap();
    assert!(matches!(header.upgrade(&BackupKey::generate(&mut OsRng)), Err(KeyError::WrongKey(_))));
}

#[test]
fn slots_come_and_go_but_never_the_last() {
    let mut kit = kit();
    let ids: Vec<SlotId> = kit.header.slots.iter().map(|s| s.id.clone()).collect();
    let before = kit.header.generation;
    kit.header.remove_slot(&kit.key, &ids[0]).unwrap();
    assert!(kit.header.generation > before);
    assert_eq!(
        kit.header.open_with(SlotKind::RecoveryCode, &kit.vault_key),
        Err(KeyError::NoSuchSlot)
    );
    assert_eq!(kit.header.remove_slot(&kit.key, &ids[0]), Err(KeyError::NoSuchSlot));
    assert_eq!(kit.header.remove_slot(&kit.key, &ids[1]), Err(KeyError::LastSlot));
    assert_eq!(
        kit.header.open_with(SlotKind::OfflineKey, &kit.offline.slot_key()).unwrap(),
        kit.key
    );
}

#[test]
fn kinds_and_fields_of_later_versions_are_kept_and_guarded() {
    let mut kit = kit();
    let strange = SlotKey::new(Secret::new([4; 32]));
    let kind = SlotKind::Other("quantum_token".into());
    kit.header
        .add_slot(&kit.key, kind.clone(), json!({"rays": [1, 2]}), &strange, 3, &mut OsRng)
        .unwrap();
    let header = Header::parse(&kit.header.to_bytes()).unwrap();
    assert_eq!(header.open_with(kind, &strange).unwrap(), kit.key);

    let mut value: Value = serde_json::from_slice(&header.to_bytes()).unwrap();
    value["extra"] = json!(true);
    let extended = Header::parse(&with_its_checksum(value)).unwrap();
    assert!(String::from_utf8(extended.to_bytes()).unwrap().contains("\"extra\": true"));
    assert!(matches!(extended.verify(&kit.key), Err(KeyError::Damaged(_))));
}

/// Each alteration, and what opening with the right vault key must say.
#[test]
fn nothing_in_a_header_can_be_altered() {
    let kit = kit();
    let cases: [(&str, Value); 12] = [
        ("/slots/0/parameters/argon2/t", json!(1)),
        ("/slots/0/parameters/fleet_url", json!("https://evil.example/")),
        ("/slots/0/parameters/account", json!("00".repeat(16))),
        ("/slots/0/parameters/code", json!("own")),
        ("/slots/0/parameters/keys", json!("00".repeat(32))),
        ("/slots/0/parameters/access", json!("00".repeat(32))),
        ("/slots/0/parameters/claim", json!("00".repeat(16))),
        ("/slots/0/id", json!("0000000000000000")),
        ("/slots/0/created", json!(7)),
        ("/repository", json!("00".repeat(16))),
        ("/generation", json!(99)),
        ("/created", json!(1)),
    ];
    for (at, with) in cases {
        let mut value: Value = serde_json::from_slice(&kit.header.to_bytes()).unwrap();
        *value.pointer_mut(at).unwrap() = with;
        let header = Header::parse(&with_its_checksum(value)).unwrap();
        let refused = header.open_with(SlotKind::RecoveryCode, &kit.vault_key);
        assert!(
            matches!(refused, Err(KeyError::Damaged(_) | KeyError::WrongKey(_))),
            "{at}: {refused:?}"
        );
    }
    // A slot that was taken out behind the owner's back shows as well.
    let mut value: Value = serde_json::from_slice(&kit.header.to_bytes()).unwrap();
    value["slots"].as_array_mut().unwrap().pop();
    assert!(value.pointer("/slots/0").is_some());
    let header = Header::parse(&with_its_checksum(value)).unwrap();
    assert!(matches!(
        header.open_with(SlotKind::RecoveryCode, &kit.vault_key),
        Err(KeyError::Damaged(_))
    ));
}

/// A backup of a time before protocol version 2: its code is at a vault that is no more, and what
/// needs no vault opens it all the same.
#[test]
fn a_slot_of_an_old_vault_says_so_and_leaves_the_other_ways_in() {
    let kit = kit();
    let old = json!({ "account": "11".repeat(16), "version": 1, "trust": "22".repeat(32),
        "fleet_id": "33".repeat(16), "fleet_url": "https://fleet.example", "code": "generated",
        "argon2": { "m_kib": 19456, "t": 2, "p": 1 } });
    let mut header = kit.header.clone();
    for kind in [SlotKind::RecoveryCode, SlotKind::Passkey] {
        header.add_slot(&kit.key, kind, old.clone(), &kit.vault_key, 3, &mut OsRng).unwrap();
    }
    let header = Header::parse(&header.to_bytes()).unwrap();
    let code = header.slots_of(&SlotKind::RecoveryCode).last().unwrap();
    let passkey = header.slots_of(&SlotKind::Passkey).last().unwrap();
    assert_eq!(code.recovery(), Err(KeyError::Outdated("recovery code slot")));
    assert_eq!(passkey.passkey(), Err(KeyError::Outdated("passkey slot")));
    assert_eq!(header.open_with(SlotKind::OfflineKey, &kit.offline.slot_key()).unwrap(), kit.key);
    assert_eq!(header.open_with(SlotKind::RecoveryCode, &kit.vault_key).unwrap(), kit.key);
}

#[test]
fn headers_that_cannot_be_are_refused() {
    let kit = kit();
    assert!(matches!(Header::parse(b""), Err(KeyError::Malformed { .. })));
    assert!(matches!(Header::parse(&vec![b' '; MAX_HEADER + 1]), Err(KeyError::Malformed { .. })));
    let newer = String::from_utf8(kit.header.to_bytes()).unwrap().replace("backup/v4", "backup/v5");
    assert!(matches!(Header::parse(newer.as_bytes()), Err(KeyError::Unsupported(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = Header::parse(&bytes);
    }

    #[test]
    fn mutated_headers_open_right_or_not_at_all(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let kit = kit();
        let mut bytes = kit.header.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(header) = Header::parse(&bytes)
            && let Ok(key) = header.open_with(SlotKind::OfflineKey, &kit.offline.slot_key())
        {
            prop_assert_eq!(key, kit.key);
        }
    }

    #[test]
    fn no_typed_text_makes_a_code_parser_panic(text in "\\PC{0,200}") {
        let _ = RecoveryCode::parse_generated(&text);
        let _ = RecoveryCode::own(&text);
        let _ = OfflineKey::parse(&text);
    }
}
