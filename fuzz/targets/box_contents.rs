//! What a site finds in a sealed box.
#![no_main]

use vault_protocol::BoxContents;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = BoxContents::from_bytes(bytes);
});
