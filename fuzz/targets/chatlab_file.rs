//! A ChatLab document, as JSON or as lines.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = chat_import::sources::chatlab::parse_bytes(bytes, false);
    let _ = chat_import::sources::chatlab::parse_bytes(bytes, true);
});
