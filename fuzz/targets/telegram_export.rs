//! A Telegram Desktop `result.json`.
#![no_main]

use chat_import::sources::telegram::parse_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = parse_bytes(bytes);
});
