//! A pack, before its seal is opened.
#![no_main]

use backup_engine::format::Pack;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = Pack::parse(bytes);
});
