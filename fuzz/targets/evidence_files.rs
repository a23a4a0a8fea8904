//! The JSON files of an evidence folder.
#![no_main]

use fleet_evidence::folder::{AuditLog, DeviceInfo, Manifest, Options, Statements};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = serde_json::from_slice::<Manifest>(bytes);
    let _ = serde_json::from_slice::<Statements>(bytes);
    let _ = serde_json::from_slice::<AuditLog>(bytes);
    let _ = serde_json::from_slice::<DeviceInfo>(bytes);
    let _ = serde_json::from_slice::<Options>(bytes);
});
