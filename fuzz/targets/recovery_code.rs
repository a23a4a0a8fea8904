//! What a person types as a code or an offline key.
#![no_main]

use sealed_keys::{OfflineKey, RecoveryCode};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = RecoveryCode::own(text);
    let _ = OfflineKey::parse(text);
    if let Ok(code) = RecoveryCode::parse_generated(text) {
        let shown = code.display();
        RecoveryCode::parse_generated(shown.expose()).expect("a shown code can be typed");
    }
});
