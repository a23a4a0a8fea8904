//! A page of Telegram Desktop's HTML export.
#![no_main]

use chat_import::sources::telegram::html::parse_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = parse_bytes(bytes);
});
