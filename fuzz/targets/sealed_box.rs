//! A box as a site finds it in an account, of a code or of a passkey; and what is in one.
#![no_main]

use recovery_crypto::SoftwareKey;
use recovery_crypto::sealing::{open_box, open_passkey_box};
use std::sync::LazyLock;
use vault_protocol::{BoxContents, SealedBox};

static KEY: LazyLock<SoftwareKey> =
    LazyLock::new(|| SoftwareKey::from_bytes(&[7; 32]).expect("a number below the order"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let contents = BoxContents::from_bytes(bytes);
    assert_eq!(contents.is_ok(), bytes.len() == BoxContents::LEN);
    // Nobody seals here: whatever opens was forged.
    let sealed = SealedBox(bytes.to_vec());
    assert!(open_box(&sealed, b"here", &*KEY).is_err());
    assert!(open_passkey_box(&sealed, b"here", &*KEY).is_err());
});
