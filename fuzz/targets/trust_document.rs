//! A trust document, and a fleet's address.
#![no_main]

use fleet_evidence::{FleetUrl, Trust};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(trust) = Trust::from_json(bytes) {
        assert_eq!(Trust::from_json(&trust.canonical()).expect("its own form").id(), trust.id());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = FleetUrl::parse(text);
    }
});
