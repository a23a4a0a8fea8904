//! WhatsApp's backups, made by `make_vectors.py`, and what must be refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use encrypted_exports::OpenError;
use encrypted_exports::whatsapp::{Cipher, Key, decrypt, recognise};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn vector(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)).unwrap()
}

fn expected() -> Value {
    serde_json::from_slice(&vector("expected.json")).unwrap()
}

fn digits() -> Key {
    Key::parse(expected()["digits"].as_str().unwrap()).unwrap()
}

fn opened(sealed: &[u8], key: &Key) -> Result<Vec<u8>, OpenError> {
    let mut plain = Vec::new();
    decrypt(&mut Cursor::new(sealed), key, &mut plain)?;
    Ok(plain)
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn each_backup_opens_with_its_key() {
    let sums = &expected()["sha256_of_the_plain_file"];
    let files = [
        Key::from_file(&vector("key")).unwrap(),
        Key::from_file(&vector("encrypted_backup.key")).unwrap(),
    ];
    let [phone, root] = &files;
    let typed = digits();
    for (name, key) in [
        ("msgstore.db.crypt15", &typed),
        ("msgstore.db.crypt15", root),
        ("wa.db.crypt15", root),
        ("msgstore.db.crypt14", phone),
    ] {
        let plain = opened(&vector(name), key).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(plain.starts_with(b"SQLite format 3\0"), "{name}");
        assert_eq!(sums[name], sum(&plain), "{name}");
    }
}

#[test]
fn a_header_says_which_key_is_needed() {
    for (name, cipher) in
        [("msgstore.db.crypt15", Cipher::Crypt15), ("msgstore.db.crypt14", Cipher::Crypt14)]
    {
        let header = recognise(&mut Cursor::new(vector(name))).unwrap().unwrap();
        assert_eq!((header.cipher, header.nonce[0]), (cipher, 50), "{name}");
    }
    for other in [&b""[..], b"\x05", b"SQLite format 3\0", b"PK\x03\x04", &[0xff; 64]] {
        assert_eq!(recognise(&mut Cursor::new(other)).unwrap(), None);
    }
}

#[test]
fn a_key_is_taken_as_people_write_it() {
    let plain = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let groups: Vec<String> =
        plain.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).to_uppercase()).collect();
    for typed in [plain.to_owned(), groups.join(" "), groups.join("-"), format!("{plain}\n")] {
        let key = Key::parse(&typed).unwrap();
        assert!(opened(&vector("msgstore.db.crypt15"), &key).is_ok(), "{typed}");
        assert!(Key::from_file(typed.as_bytes()).is_ok(), "in a file: {typed}");
    }
    for typed in ["", "0001", &plain.replace('f', "g"), &plain.repeat(2), "ä"] {
        assert!(matches!(Key::parse(typed), Err(OpenError::NotAKey(_))), "{typed}");
    }
    let file = vector("key");
    for file in [&file[..100], &[0xff; 40], &[0; 5_000]] {
        assert!(matches!(Key::from_file(file), Err(OpenError::NotAKey(_))));
    }
}

#[test]
fn a_wrong_key_and_a_damaged_file_are_told_apart() {
    let other = Key::parse(&"ab".repeat(32)).unwrap();
    let file = vector("msgstore.db.crypt15");
    assert!(matches!(opened(&file, &other), Err(OpenError::WrongKey)));
    assert!(matches!(
        opened(&vector("msgstore.db.crypt14"), &digits()),
        Err(OpenError::OtherSortOfKey(_))
    ));
    for cut in [file.len() - 1, file.len() - 40, 200, 150, 20, 1, 0] {
        let refused = opened(&file[..cut], &digits());
        assert!(
            matches!(refused, Err(OpenError::Damaged(_) | OpenError::WrongKeyOrDamaged)),
            "cut after {cut}: {refused:?}"
        );
    }
}

#[test]
fn no_changed_byte_gets_through() {
    let file = vector("wa.db.crypt15");
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 0x40;
        let mut plain = Vec::new();
        let refused = decrypt(&mut Cursor::new(&changed), &digits(), &mut plain);
        // What the header says besides the nonce is not under the tag.
        if at > 24 {
            assert!(refused.is_err() && plain.is_empty(), "byte {at}");
        }
    }
}
