//! A small honest world with keys from fixed seeds: parties, a log, bundles.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod cases;
pub(crate) mod certificates;
pub(crate) mod devices;
pub(crate) mod world;

use ed25519_dalek::{Signer, SigningKey};
use fleet_evidence::log::{LogEntry, LogProof};
use fleet_evidence::{TRUST_TYPE, Trust, TrustDocument};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use sha2::{Digest, Sha256};
use signed_note::{Note, StandardSigner};
use tlog_tiles::{Error, Hash, HashReader};
use vault_protocol::*;

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const ORIGIN: &str = "log.example/keepsake";
pub(crate) const NAMESPACE: &str = "mock.keepsake";

pub(crate) fn ed25519(seed: &str) -> SigningKey {
    SigningKey::from_bytes(&Sha256::digest(seed).into())
}

pub(crate) fn p256(seed: &str) -> SecretKey {
    SecretKey::from_slice(&Sha256::digest(seed)).unwrap()
}

pub(crate) fn point(seed: &str) -> Point {
    Point(p256(seed).public_key().to_encoded_point(false).as_bytes().try_into().unwrap())
}

pub(crate) fn log_key() -> String {
    signed_note::new_ed25519_verifier_key(ORIGIN, &ed25519("log").verifying_key())
}

pub(crate) fn trust_document() -> TrustDocument {
    TrustDocument {
        kind: TRUST_TYPE.into(),
        namespace: NAMESPACE.into(),
        auditor_key: hex::encode(ed25519("auditor").verifying_key().as_bytes()),
        operator_key: hex::encode(ed25519("operator").verifying_key().as_bytes()),
        log_key: log_key(),
        attestation_roots: vec![],
        mock: true,
        minimum_firmware: "2.3.1".into(),
        tls_ca: None,
    }
}

pub(crate) fn trust() -> Trust {
    Trust::new(trust_document()).unwrap()
}

pub(crate) fn site(index: u8, serial: u32) -> Site {
    let device = Device {
        serial,
        oprf_key: point(&format!("oprf {serial}")),
        seal_key: point(&format!("seal {serial}")),
        session_key: point(&format!("session {serial}")),
        receipt_key: point(&format!("receipt {serial}")),
    };
    Site {
        index: SiteIndex(index),
        region: format!("region-{index}"),
        endpoint: format!("https://site{index}.example:7101"),
        devices: vec![device],
    }
}

pub(crate) fn bundle(epoch: u64, previous: Option<&Bundle>) -> Bundle {
    Bundle {
        kind: BUNDLE_TYPE.into(),
        namespace: NAMESPACE.into(),
        fleet_id: FleetId([0x11; 16]),
        epoch,
        threshold: 2,
        policy: GuessPolicy::Balanced,
        fleet_key: point("fleet"),
        sites: vec![site(1, 1001), site(2, 1002), site(3, 1003)],
        not_before: NOW - 1000,
        not_after: NOW + 1000,
        previous: previous.map(Bundle::id),
        evidence: Evidence {
            digest: BundleId([0x22; 32]),
            url: "https://auditor.example/evidence/1".into(),
        },
        revoked_epochs: vec![],
        keys_since: None,
    }
}

/// Both signatures by the given keys; no log proof yet.
pub(crate) fn signed_by(
    bundle: Bundle,
    auditor: &SigningKey,
    operator: &SigningKey,
) -> SignedBundle {
    let timestamp = NOW - 500;
    let message = auditor_message(&bundle.namespace, bundle.epoch, timestamp, &bundle.id());
    let signature = Signature64(auditor.sign(&message).to_bytes());
    let counter = Signature64(operator.sign(&operator_message(&signature)).to_bytes());
    SignedBundle {
        bundle,
        auditor: Auditor { timestamp, signature },
        operator: Operator { signature: counter },
        log_proof: String::new(),
    }
}

pub(crate) fn signed(bundle: Bundle) -> SignedBundle {
    signed_by(bundle, &ed25519("auditor"), &ed25519("operator"))
}

pub(crate) fn leaf(signed: &SignedBundle) -> Vec<u8> {
    LogEntry::new(&signed.bundle, signed.auditor.timestamp, signed.auditor.signature).canonical()
}

/// A log in memory.
#[derive(Default, Clone)]
pub(crate) struct MemoryLog {
    hashes: Vec<Hash>,
    pub size: u64,
}

impl HashReader for MemoryLog {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        Ok(indexes.iter().map(|i| self.hashes[usize::try_from(*i).unwrap()]).collect())
    }
}

impl MemoryLog {
    pub(crate) fn append(&mut self, leaf: &[u8]) -> u64 {
        let new = tlog_tiles::stored_hashes(self.size, leaf, self).unwrap();
        self.hashes.extend(new);
        self.size += 1;
        self.size - 1
    }

    pub(crate) fn root(&self) -> [u8; 32] {
        tlog_tiles::tree_hash(self.size, self).unwrap().0
    }

    pub(crate) fn checkpoint_by(&self, key: &SigningKey) -> String {
        let skey = signer(ORIGIN, key);
        let text = format!("{ORIGIN}\n{}\n{}\n", self.size, Hash(self.root()));
        let mut note = Note::new(text.as_bytes(), &[]).unwrap();
        note.add_sigs(&[&skey]).unwrap();
        String::from_utf8(note.to_bytes()).unwrap()
    }

    pub(crate) fn proof(&self, index: u64) -> LogProof {
        let path = tlog_tiles::prove_record(self.size, index, self).unwrap();
        let hashes = path.into_iter().map(|h| h.0).collect();
        LogProof { index, hashes, checkpoint: self.checkpoint_by(&ed25519("log")) }
    }

    pub(crate) fn consistency(&self, old: u64) -> fleet_evidence::log::ConsistencyProof {
        let hashes = tlog_tiles::prove_tree(self.size, old, self).unwrap();
        fleet_evidence::log::ConsistencyProof { hashes: hashes.into_iter().map(|h| h.0).collect() }
    }

    /// Appends a bundle and attaches its proof.
    pub(crate) fn publish(&mut self, mut signed: SignedBundle) -> SignedBundle {
        let index = self.append(&leaf(&signed));
        signed.log_proof = self.proof(index).encode();
        signed
    }
}

fn signer(name: &str, key: &SigningKey) -> StandardSigner {
    use base64::Engine;
    let public = [&[1u8][..], key.verifying_key().as_bytes()].concat();
    let id = signed_note::key_id(name, &public);
    let secret = base64::prelude::BASE64_STANDARD.encode([&[1u8][..], &key.to_bytes()].concat());
    StandardSigner::new(&format!("PRIVATE+KEY+{name}+{id:08x}+{secret}")).unwrap()
}

pub(crate) fn json(signed: &SignedBundle) -> Vec<u8> {
    serde_json::to_vec(signed).unwrap()
}
