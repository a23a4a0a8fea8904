//! No bytes crash a public parser, and what is written can be read.
#![allow(clippy::unwrap_used)]

mod support;

use fleet_evidence::attestation::Certificate;
use fleet_evidence::device_log::{Entry, LivingLog};
use fleet_evidence::device_profile::{self, command};
use fleet_evidence::folder::{
    ANCHORS, AuditLog, EvidenceFolder, Head, Manifest, STATEMENTS, Statements,
};
use fleet_evidence::log::{
    ConsistencyProof, LogEntry, LogProof, consistency_tiles, verify_checkpoint,
};
use fleet_evidence::{
    BundleDocuments, CheckId, FleetUrl, SeenCheckpoint, Trust, verify_bundle,
    verify_candidate_evidence,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::devices::{Line, chained_after};
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
    fn whatever_a_site_publishes_each_login_changes_once_and_first(lines in prop::collection::vec(any_line(), 0..24)) {
        let (mut since, mut anywhere) = (LivingLog::since_ceremony(), LivingLog::from_anywhere());
        let mut changed = Vec::new();
        for raw in chained_after(Head { number: 40, digest: [7; 16] }, &lines) {
            let line = Entry::read(&raw);
            let strict = since.take(&line);
            prop_assert!(anywhere.take(&line).is_ok() || strict.is_err(), "a later beginning is no stricter");
            if strict.is_err() || !line.succeeded() {
                continue;
            }
            if line.command == command::CHANGE_AUTHENTICATION_KEY {
                prop_assert!(!changed.contains(&line.session_key));
                changed.push(line.session_key);
            }
            if [command::DERIVE_ECDH, command::SIGN_ECDSA].contains(&line.command) {
                prop_assert!(changed.contains(&device_profile::OPERATIONAL_AUTH_KEY));
            }
        }
        prop_assert_eq!(since.not_yet_own().count(), 2 - changed.len());
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
    fn a_ceremony_with_one_line_more_is_refused_unless_it_changes_nothing(line in any_line(), at in any::<prop::sample::Index>()) {
        let mut world = World::honest();
        let lines = &mut world.devices[1].lines;
        lines.insert(at.index(lines.len()), line);
        let (bundle, files) = world.evidence();
        let folder = EvidenceFolder::new(files).unwrap();
        let opening = line.session == 0xffff && [0x03, 0x04].contains(&line.command) && line.target == 1;
        let by_default_login = line.ok && (line.session == 1 || opening);
        let boot = (line.command, line.length, line.session, line.target, line.second) == (0, 0, 0xffff, 0, 0);
        let may_be_fine = line.command == command::SIGN_ATTESTATION_CERTIFICATE || device_profile::changes_nothing(line.command);
        match verify_candidate_evidence(&bundle, &trust_of_world(), &folder, NOW) {
            Ok(_) => prop_assert!(boot || (by_default_login && may_be_fine), "{line:?}"),
            Err(refused) => prop_assert_eq!(refused.0.failed(), [CheckId::E6]),
        }
    }

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

/// Mostly what a device of a fleet could write.
fn any_line() -> impl Strategy<Value = Line> {
    let commands = prop::sample::select(device_profile::COMMANDS.map(|c| c.code).to_vec());
    let command =
        prop_oneof![8 => commands, 2 => Just(command::CHANGE_AUTHENTICATION_KEY), 1 => any::<u8>()];
    let logins = [0x0001, 0x0201, 0x0202, 0x0999, 0xffff];
    let objects = [0, 1, 0x0101, 0x0103, 0x0104, 0x0105, 0x0201, 0x0202, 0x0301, 0x0401, 0xffff];
    let object = || prop::sample::select(objects.to_vec());
    let length = prop::sample::select(vec![0, 4, 5, 10, 95]);
    (command, prop::sample::select(logins.to_vec()), object(), object(), any::<bool>(), length)
        .prop_map(|(command, session, target, second, ok, length)| Line {
            command,
            session,
            target,
            second,
            ok,
            length,
        })
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
