//! Frames of a Signal plaintext export.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = chat_import::sources::signal::parse_bytes(bytes);
});
