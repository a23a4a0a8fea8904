//! A record of a chat, as a restore reads it out of a backup: what is read and written again is the
//! same.
#![no_main]

use chat_archive::Change;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(mut change) = Change::read(bytes) else { return };
    let mut written = Vec::new();
    change.write(&mut written).expect("it was read");
    assert_eq!(Change::read(&written).expect("it was written"), change);
});
