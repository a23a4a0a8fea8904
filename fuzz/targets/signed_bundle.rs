//! A signed bundle as a fleet supplies it, through every check.
#![no_main]

use fleet_evidence::{BundleDocuments, Trust, verify_bundle};
use std::sync::LazyLock;

const TRUST_JSON: &[u8] =
    include_bytes!("../../crates/fleet-evidence/tests/cases/honest/trust.json");
static TRUST: LazyLock<Trust> =
    LazyLock::new(|| Trust::from_json(TRUST_JSON).expect("the honest fleet's document"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for now in [0, 1_800_000_000] {
        let _ = verify_bundle(&BundleDocuments::alone(bytes), &TRUST, None, now);
    }
});
