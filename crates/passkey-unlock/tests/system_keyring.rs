//! The system's own keyring: `script/desktop-session cargo test -p passkey-unlock --test
//! system_keyring -- --ignored`.

#![allow(clippy::unwrap_used)]

mod support;

use passkey_unlock::*;
use sealed_keys::{DeviceKeyStore, KeyringStore};
use support::*;

#[tokio::test]
#[ignore = "needs an unlocked keyring: run under script/desktop-session"]
async fn a_passkey_lives_as_long_as_its_key_in_the_keyring() {
    let dir = tempfile::tempdir().unwrap();
    let open = || SoftwareAuthenticator::new(dir.path(), "keyring-test", KeyringStore::new());
    let created = open().create(&new_passkey([1; 32]), &Person::typing(&["271828"])).await.unwrap();
    let mut passkey = Site::new().register(&[1; 32], &created.registration).unwrap();
    let asked = request([2; 32], &created.credential_id);
    let asserted = open().assert(&asked, &Person::typing(&["271828"])).await.unwrap();
    Site::new().check(&mut passkey, &[2; 32], &asserted.assertion).unwrap();
    assert_eq!(Some(asserted.prf), created.prf);

    KeyringStore::new().delete("passkeys-keyring-test").unwrap();
    let gone = open().assert(&asked, &Person::typing(&["271828"])).await;
    assert!(matches!(gone.err(), Some(PasskeyError::Damaged(_))));
}
