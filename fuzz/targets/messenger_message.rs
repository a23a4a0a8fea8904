//! A message of a Messenger or Instagram download.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = chat_import::sources::messenger::parse_bytes(bytes, false);
    let _ = chat_import::sources::messenger::parse_bytes(bytes, true);
});
