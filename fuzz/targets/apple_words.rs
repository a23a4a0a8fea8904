//! The words of an Apple message, as a typedstream.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = chat_import::sources::imessage::typedstream_text(bytes);
});
