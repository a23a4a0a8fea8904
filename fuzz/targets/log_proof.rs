//! Proofs and entries of the auditor's log.
#![no_main]

use fleet_evidence::log::{LogEntry, LogProof, verify_checkpoint};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = LogEntry::from_json(bytes);
    let _ = verify_checkpoint(b"x\n\n", &String::from_utf8_lossy(bytes));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(proof) = LogProof::parse(text) {
        let _ = proof.verify(b"leaf", "log+00000000+AQ==");
    }
});
