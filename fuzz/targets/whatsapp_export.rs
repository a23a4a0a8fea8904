//! A WhatsApp chat text.
#![no_main]

use chat_import::ImportOptions;
use chat_import::sources::whatsapp::parse_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = parse_bytes(bytes, &ImportOptions::default());
});
