//! What a person types as a code or an offline key.
#![no_main]

use sealed_keys::{OfflineKey, RecoveryCode};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = RecoveryCode::own(text);
    if let Ok(key) = OfflineKey::parse(text) {
        let typed = OfflineKey::parse(key.words()).expect("shown words can be typed");
        assert!(typed == key);
        assert!(OfflineKey::parse(key.display()).expect("shown digits can be typed") == key);
    }
    if let Ok(code) = RecoveryCode::parse_generated(text) {
        let shown = code.display();
        RecoveryCode::parse_generated(shown.expose()).expect("a shown code can be typed");
    }
});
