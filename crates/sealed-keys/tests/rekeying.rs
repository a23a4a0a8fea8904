//! A thief has what opened a backup once. The owner changes the key.
#![allow(clippy::unwrap_used)]

use sealed_keys::{
    BackupKey, ComputerKey, Header, KeyError, LastSnapshot, LocalKey, MAX_FORMER, OfflineKey,
    OsRng, RepositoryId, SlotKind,
};
use serde_json::{Value, json};

const NOW: u64 = 1_764_000_000;

struct Kit {
    key: BackupKey,
    header: Header,
    desk: ComputerKey,
    laptop: ComputerKey,
    offline: OfflineKey,
}

/// A backup with an offline key, of a desk computer and a laptop.
fn kit() -> Kit {
    let key = BackupKey::generate(&mut OsRng);
    let mut header = Header::create(RepositoryId::generate(&mut OsRng), NOW, &key);
    let computer = || LocalKey::generate(&mut OsRng).computer_key();
    let kit = (computer(), computer(), OfflineKey::generate(&mut OsRng));
    header
        .add_slot(&key, SlotKind::OfflineKey, json!({}), &kit.2.slot_key(), NOW, &mut OsRng)
        .unwrap();
    for (computer, name) in [(&kit.0, "desk"), (&kit.1, "laptop")] {
        header.add_computer(&key, (&computer.public(), name), computer, NOW, &mut OsRng).unwrap();
    }
    Kit { key, header, desk: kit.0, laptop: kit.1, offline: kit.2 }
}

fn last(sequence: u64) -> Option<LastSnapshot> {
    Some(LastSnapshot { sequence, hash: [7; 32] })
}

/// A new key, for the desk alone.
fn rekeyed(kit: &Kit) -> (Header, BackupKey) {
    let new = BackupKey::generate(&mut OsRng);
    let mut header = kit.header.clone();
    header.rekey(&kit.key, &new, (last(4), NOW + 9), &mut OsRng).unwrap();
    header.add_computer(&new, (&kit.desk.public(), "desk"), &kit.desk, NOW, &mut OsRng).unwrap();
    (Header::parse(&header.to_bytes()).unwrap(), new)
}

#[test]
fn nothing_that_opened_the_backup_before_opens_it_any_more() {
    let kit = kit();
    let (header, new) = rekeyed(&kit);
    assert!(header.open_with(SlotKind::OfflineKey, &kit.offline.slot_key()).is_err());
    assert_eq!(header.open_computer(&kit.laptop, &[kit.desk.id()]), Err(KeyError::NoSuchSlot));
    assert!(matches!(header.verify(&kit.key), Err(KeyError::WrongKey(_))));
    assert!(matches!(header.former_keys(&kit.key), Err(KeyError::WrongKey(_))));
    assert_eq!(header.open_computer(&kit.desk, &[kit.desk.id()]).unwrap(), new);
    let shown = String::from_utf8(header.to_bytes()).unwrap();
    assert!(!shown.contains("desk"), "the names of computers are sealed");
}

#[test]
fn the_new_key_brings_all_earlier_ones() {
    let kit = kit();
    let (mut header, second) = rekeyed(&kit);
    let third = BackupKey::generate(&mut OsRng);
    header.rekey(&second, &third, (last(9), NOW + 20), &mut OsRng).unwrap();
    let header = Header::parse(&header.to_bytes()).unwrap();
    let former = header.former_keys(&third).unwrap();
    assert_eq!(former.iter().map(|f| &f.key).collect::<Vec<_>>(), [&second, &kit.key]);
    assert_eq!(
        former.iter().map(|f| (f.replaced, f.last)).collect::<Vec<_>>(),
        [(NOW + 20, last(9)), (NOW + 9, last(4))]
    );
    let keys = header.repository_keys(&third).unwrap();
    assert_eq!(keys.data, third.repository_keys(header.repository).data);
    assert_eq!(keys.former[1].data, kit.key.repository_keys(header.repository).data);
    assert_eq!(keys.former[0].last, last(9));
}

#[test]
fn whoever_had_a_former_key_is_told_of_the_change_and_not_by_a_stranger() {
    let kit = kit();
    let (mut header, second) = rekeyed(&kit);
    assert!(header.succeeds(&kit.key) && !header.succeeds(&second));
    let third = BackupKey::generate(&mut OsRng);
    header.rekey(&second, &third, (None, NOW), &mut OsRng).unwrap();
    assert!(header.succeeds(&kit.key) && header.succeeds(&second));
    assert!(!kit.header.succeeds(&kit.key));
    // Somebody who never had the key cannot say that it was changed.
    let stranger = BackupKey::generate(&mut OsRng);
    let mut forged = Header::create(kit.header.repository, NOW, &stranger);
    forged.rekey(&stranger, &third, (None, NOW), &mut OsRng).unwrap();
    assert!(!forged.succeeds(&kit.key));
}

#[test]
fn a_computer_takes_the_new_key_from_one_it_knows_and_from_no_other() {
    let kit = kit();
    let new = BackupKey::generate(&mut OsRng);
    let mut header = kit.header.clone();
    header.rekey(&kit.key, &new, (last(4), NOW), &mut OsRng).unwrap();
    header
        .add_computer(&new, (&kit.laptop.public(), "laptop"), &kit.desk, NOW, &mut OsRng)
        .unwrap();
    assert_eq!(header.open_computer(&kit.laptop, &[kit.desk.id(), kit.laptop.id()]).unwrap(), new);
    // The thief of an offline key has the backup key, and wraps one of his own for the laptop.
    let thief = LocalKey::generate(&mut OsRng).computer_key();
    let mut theirs = kit.header.clone();
    theirs.rekey(&kit.key, &new, (last(4), NOW), &mut OsRng).unwrap();
    theirs.add_computer(&new, (&kit.laptop.public(), "laptop"), &thief, NOW, &mut OsRng).unwrap();
    let known = [kit.desk.id(), kit.laptop.id()];
    assert_eq!(theirs.open_computer(&kit.laptop, &known), Err(KeyError::UnknownComputer));
    // Nor does it help to say that the desk did it.
    let mut value: Value = serde_json::from_slice(&theirs.to_bytes()).unwrap();
    value["slots"][0]["parameters"]["by"] = json!(String::from(kit.desk.public()));
    let theirs = Header::parse(&with_its_checksum(value)).unwrap();
    assert!(matches!(theirs.open_computer(&kit.laptop, &known), Err(KeyError::Damaged(_))));
}

#[test]
fn computers_are_listed_once_each_by_name() {
    let mut kit = kit();
    let add = (&kit.laptop.public(), "old laptop");
    kit.header.add_computer(&kit.key, add, &kit.laptop, NOW + 5, &mut OsRng).unwrap();
    let listed = kit.header.computers(&kit.key).unwrap();
    let shown: Vec<_> = listed.iter().map(|c| (c.name.as_str(), c.joined, &c.id)).collect();
    assert_eq!(shown, [("desk", NOW, &kit.desk.id()), ("old laptop", NOW + 5, &kit.laptop.id())]);
    let long = "ä".repeat(200);
    kit.header
        .add_computer(&kit.key, (&kit.desk.public(), &long), &kit.desk, 1, &mut OsRng)
        .unwrap();
    assert_eq!(kit.header.computers(&kit.key).unwrap()[0].name, "ä".repeat(128));
}

#[test]
fn a_key_is_changed_so_often_and_never_back() {
    let kit = kit();
    let mut header = kit.header.clone();
    let mut key = kit.key.clone();
    for round in 0..MAX_FORMER as u64 {
        let new = BackupKey::generate(&mut OsRng);
        header.rekey(&key, &new, (last(round), NOW), &mut OsRng).unwrap();
        let back = header.clone().rekey(&new, &kit.key, (None, NOW), &mut OsRng);
        assert!(matches!(back, Err(KeyError::Malformed { .. })));
        key = new;
    }
    let before = header.clone();
    let refused = header.rekey(&key, &BackupKey::generate(&mut OsRng), (None, NOW), &mut OsRng);
    assert!(matches!(refused, Err(KeyError::Malformed { .. })));
    assert_eq!(header, before);
    assert_eq!(header.former_keys(&key).unwrap().len(), MAX_FORMER);
}

#[test]
fn a_program_of_the_format_before_says_that_it_must_be_updated() {
    // It knows the types up to "keepsake/backup/v3" and refuses any other.
    let (header, _) = rekeyed(&kit());
    let value: Value = serde_json::from_slice(&header.to_bytes()).unwrap();
    assert_eq!(value["type"], "keepsake/backup/v4");
    assert!(header.is_current_format());
}

/// As somebody would write it who alters on purpose.
fn with_its_checksum(mut header: Value) -> Vec<u8> {
    header.as_object_mut().unwrap().remove("checksum");
    let canonical = serde_json_canonicalizer::to_vec(&header).unwrap();
    header["checksum"] = json!(hex::encode(sealed_keys::digest(&canonical)));
    serde_json::to_vec(&header).unwrap()
}

#[test]
fn a_former_key_that_was_altered_is_damage() {
    let (header, new) = rekeyed(&kit());
    let whole: Value = serde_json::from_slice(&header.to_bytes()).unwrap();
    let alterations: [fn(&mut Value); 3] = [
        |h| h["former"][0]["last"]["sequence"] = json!(9),
        |h| h["former"][0]["wrapped"] = json!("00"),
        |h| drop(h.as_object_mut().unwrap().remove("former")),
    ];
    for alter in alterations {
        let mut altered = whole.clone();
        alter(&mut altered);
        let altered = Header::parse(&with_its_checksum(altered)).unwrap();
        assert!(matches!(altered.repository_keys(&new), Err(KeyError::Damaged(_))));
    }
    let mut many = whole.clone();
    many["former"] = json!(vec![whole["former"][0].clone(); MAX_FORMER + 1]);
    assert!(matches!(Header::parse(&with_its_checksum(many)), Err(KeyError::Malformed { .. })));
}
