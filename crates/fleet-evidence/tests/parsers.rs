//! No bytes crash a public parser, and what is written can be read.
#![allow(clippy::unwrap_used)]

mod support;

use fleet_evidence::attestation::Certificate;
use fleet_evidence::device_log::Entry;
use fleet_evidence::folder::{ANCHORS, AuditLog, EvidenceFolder, Manifest, STATEMENTS, Statements};
use fleet_evidence::log::{ConsistencyProof, LogEntry, LogProof, consistency_tiles, verify_checkpoint};
use fleet_evidence::{BundleDocuments, FleetUrl, SeenCheckpoint, Trust, verify_bundle, verify_candidate_evidence};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::world::World;
use support::*;

/// Valid bytes with a few changed, so that parsers are reached in depth.
fn damaged(valid: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = valid.len();
    let change = (0..length, any::<u8>());
    (prop::collection::vec(change, 1..4), 0..=length).prop_map(move |(changes, keep)| {
        let mut bytes = valid.clone();
        changes.iter().for_each(|(at, value)| bytes[*at] = *value);
        // Three times in four the whole length is kept.
        bytes.truncate(if keep % 4 == 0 { keep } else { length });
        bytes
    })
}

fn honest_bundle() -> Vec<u8> {
    json(&MemoryLog::default().publish(signed(World::honest().evidence().0)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_an_answer_not_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = verify_bundle(&BundleDocuments::alone(&bytes), &trust(), None, NOW);
        let _ = Trust::from_json(&bytes);
        let _ = FleetUrl::parse(&text);
        let _ = LogEntry::from_json(&bytes);
        let _ = LogProof::parse(&text);
        let _ = verify_checkpoint(&bytes, &log_key());
        let _ = verify_checkpoint(b"x\n\n", &text);
        let _ = Certificate::from_der(&bytes);
        let _ = Certificate::from_pem(&text);
        let _ = serde_json::from_slice::<Manifest>(&bytes);
        let _ = serde_json::from_slice::<Statements>(&bytes);
        let _ = serde_json::from_slice::<AuditLog>(&bytes);
    }

    #[test]
    fn any_entry_can_be_split(raw in any::<[u8; 32]>(), other in any::<[u8; 32]>()) {
        prop_assert!(!Entry::read(&raw).continues(&Entry::read(&other)) || raw != other);
    }

    #[test]
    fn a_damaged_bundle_is_refused_or_the_same(bytes in damaged(honest_bundle())) {
        if let Ok(verified) = verify_bundle(&BundleDocuments::alone(&bytes), &trust_of_world(), None, NOW) {
            prop_assert_eq!(verified.id(), World::honest().evidence().0.id());
        }
    }

    #[test]
    fn a_damaged_proof_is_refused_or_the_same(bytes in damaged(proof_text().into_bytes())) {
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        if let Ok(proof) = LogProof::parse(&text) {
            let verified = proof.verify(b"leaf 5", &log_key());
            prop_assert!(verified.is_err() || (proof.index, proof.hashes) == (5, seven().proof(5).hashes));
        }
    }

    #[test]
    fn consistency_holds_between_any_two_sizes_and_breaks_with_any_change(new in 1u64..40, old in 0u64..40, at in 0usize..8) {
        let old = old.min(new);
        let small = log_of(old);
        let large = log_of(new);
        let heads = (head(&small), head(&large));
        let mut proof = if old == 0 { ConsistencyProof::default() } else { large.consistency(old) };
        prop_assert!(proof.verify(heads.0, heads.1).is_ok());
        if let Some(hash) = proof.hashes.get_mut(at) {
            hash[0] ^= 1;
            prop_assert!(proof.verify(heads.0, heads.1).is_err());
        }
    }

    #[test]
    fn tiles_of_any_sizes_can_be_named(old in any::<u64>(), new in any::<u64>()) {
        let _ = consistency_tiles(old, new);
        let head = SeenCheckpoint { size: new, root: [0; 32] };
        let _ = ConsistencyProof::from_tiles(old, head, &BTreeMap::new());
        let _ = ConsistencyProof::default().verify(SeenCheckpoint { size: old, root: [0; 32] }, head);
    }
}

proptest! {
    // Each case verifies a whole folder.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_change_to_a_covered_file_is_refused(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), value in 1u8..) {
        let (bundle, mut files) = World::honest().evidence();
        // Statements and anchors are signed values: another spelling of the same value is the same.
        let covered: Vec<String> = files.keys().filter(|p| ![ANCHORS, STATEMENTS].contains(&p.as_str())).cloned().collect();
        let path = which.get(&covered).clone();
        let bytes = files.get_mut(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= value;
        let folder = EvidenceFolder::new(files).unwrap();
        prop_assert!(verify_candidate_evidence(&bundle, &trust_of_world(), &folder, NOW).is_err(), "{path} at {at}");
    }
}

fn trust_of_world() -> Trust {
    Trust::new(World::honest().trust).unwrap()
}

fn log_of(size: u64) -> MemoryLog {
    let mut log = MemoryLog::default();
    for i in 0..size {
        log.append(format!("leaf {i}").as_bytes());
    }
    log
}

fn seven() -> MemoryLog {
    log_of(7)
}

fn proof_text() -> String {
    seven().proof(5).encode()
}

fn head(log: &MemoryLog) -> SeenCheckpoint {
    SeenCheckpoint { size: log.size, root: log.root() }
}
