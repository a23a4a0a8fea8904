//! A reply inside a session, as a client reads it.
#![no_main]

use vault_protocol::Answer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(response) = Answer::response_from_bytes(bytes) {
        let again = Answer::response_to_bytes(&response);
        let read = Answer::response_from_bytes(&again).expect("what was written is read");
        assert_eq!(Answer::response_to_bytes(&read), again);
    }
});
