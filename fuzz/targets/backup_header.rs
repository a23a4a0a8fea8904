//! `keepsake.json`, readable and writable by whoever stores a backup.
#![no_main]

use sealed_keys::Header;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = Header::parse(bytes);
});
