//! A request inside a session, as a site reads it; what is read is written back the same.
#![no_main]

use vault_protocol::Request;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::from_bytes(bytes) {
        let again = request.to_bytes();
        assert_eq!(
            Request::from_bytes(&again).expect("what was written is read").to_bytes(),
            again
        );
    }
});
