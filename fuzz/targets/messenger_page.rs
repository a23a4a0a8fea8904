//! A page of a Facebook or Instagram download as HTML.
#![no_main]

use chat_import::sources::messenger::pages::parse_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = parse_bytes(bytes);
});
