//! What a site finds in a sealed box, of a code or of a passkey.
#![no_main]

use vault_protocol::{BoxContents, PasskeyBoxContents};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = BoxContents::from_bytes(bytes);
    let _ = PasskeyBoxContents::from_bytes(bytes);
});
