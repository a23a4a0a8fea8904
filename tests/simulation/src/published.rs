//! A fleet on paper: a bundle that was signed, logged and verified like any other.

use crate::clock::START;
use crate::dice::Dice;
use base64::Engine;
use ed25519_dalek::{Signer, SigningKey};
use fleet_evidence::log::{LogEntry, LogProof};
use fleet_evidence::{
    BundleDocuments, TRUST_TYPE, Trust, TrustDocument, VerifiedBundle, verify_bundle,
};
use recovery_crypto::{DeviceKey, SoftwareKey};
use signed_note::{Note, StandardSigner};
use tlog_tiles::{Error, Hash, HashReader};
use vault_protocol::{
    Auditor, BUNDLE_TYPE, Bundle, BundleId, Device, Evidence, FleetId, GuessPolicy, Operator,
    Signature64, SignedBundle, Site, SiteIndex, auditor_message, operator_message,
};

const NAMESPACE: &str = "mock.keepsake";
const ORIGIN: &str = "log.invalid/keepsake";

/// Who signs the bundles of a fleet.
pub struct Publisher {
    auditor: SigningKey,
    operator: SigningKey,
    log: SigningKey,
    fleet_key: vault_protocol::Point,
    fleet_id: FleetId,
}

impl Publisher {
    pub fn new(dice: &Dice) -> Self {
        let key = || SigningKey::from_bytes(&dice.bytes());
        let fleet_key = SoftwareKey::generate(&mut vault_server::site::ports::Draw(dice)).public();
        let fleet_id = FleetId(dice.bytes());
        Self { auditor: key(), operator: key(), log: key(), fleet_key, fleet_id }
    }

    /// The first bundle of these devices.
    pub fn first_bundle(&self, devices: &[Device], policy: GuessPolicy) -> Bundle {
        let site = |(device, i): (&Device, u8)| Site {
            index: SiteIndex(i),
            region: format!("region-{i}"),
            endpoint: format!("https://site-{i}.invalid"),
            devices: vec![device.clone()],
        };
        Bundle {
            kind: BUNDLE_TYPE.into(),
            namespace: NAMESPACE.into(),
            fleet_id: self.fleet_id,
            epoch: 1,
            threshold: u8::try_from(devices.len() / 2 + 1)
                .expect("a fleet has seven sites at most"),
            policy,
            fleet_key: self.fleet_key,
            sites: devices.iter().zip(1..).map(site).collect(),
            not_before: START - 1000,
            not_after: START + 31_536_000,
            previous: None,
            evidence: Evidence {
                digest: BundleId([0x22; 32]),
                url: "https://auditor.invalid/evidence/1".into(),
            },
            revoked_epochs: vec![],
            keys_since: None,
        }
    }

    /// The same devices and keys in the next epoch.
    pub fn next_bundle(&self, before: &Bundle) -> Bundle {
        Bundle {
            epoch: before.epoch + 1,
            previous: Some(before.id()),
            keys_since: Some(before.keys_since()),
            ..before.clone()
        }
    }

    /// Signs and logs bundles of consecutive epochs from the first on, and verifies each.
    pub fn publish(&self, bundles: &[Bundle]) -> Vec<VerifiedBundle> {
        let mut log = MemoryLog::default();
        let mut documents: Vec<Vec<u8>> = Vec::new();
        let mut verified = Vec::new();
        for bundle in bundles {
            let mut signed = self.sign(bundle.clone());
            let Auditor { timestamp, signature } = signed.auditor;
            let entry = LogEntry::new(&signed.bundle, timestamp, signature).canonical();
            let index = log.append(&entry);
            signed.log_proof = log.proof(index, &self.log).encode();
            let json = serde_json::to_vec(&signed).expect("a signed bundle is plain data");
            let all = BundleDocuments { signed: &json, history: &documents, consistency: None };
            let checked = verify_bundle(&all, &self.trust(), None, START);
            verified.push(checked.unwrap_or_else(|refused| panic!("{refused}: {refused:?}")));
            documents.push(json);
        }
        verified
    }

    fn sign(&self, bundle: Bundle) -> SignedBundle {
        let timestamp = START - 500;
        let message = auditor_message(&bundle.namespace, bundle.epoch, timestamp, &bundle.id());
        let signature = Signature64(self.auditor.sign(&message).to_bytes());
        let counter = Signature64(self.operator.sign(&operator_message(&signature)).to_bytes());
        let auditor = Auditor { timestamp, signature };
        let operator = Operator { signature: counter };
        SignedBundle { bundle, auditor, operator, log_proof: String::new() }
    }

    /// What a client pins.
    pub fn trust(&self) -> Trust {
        let hex = |key: &SigningKey| hex::encode(key.verifying_key().as_bytes());
        let document = TrustDocument {
            kind: TRUST_TYPE.into(),
            namespace: NAMESPACE.into(),
            auditor_key: hex(&self.auditor),
            operator_key: hex(&self.operator),
            log_key: signed_note::new_ed25519_verifier_key(ORIGIN, &self.log.verifying_key()),
            attestation_roots: vec![],
            mock: true,
            minimum_firmware: "2.3.1".into(),
            tls_ca: None,
        };
        Trust::new(document).expect("the keys are keys")
    }
}

/// A log in memory.
#[derive(Default)]
struct MemoryLog {
    hashes: Vec<Hash>,
    size: u64,
}

impl HashReader for MemoryLog {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let at = |i: &u64| self.hashes[usize::try_from(*i).unwrap_or(usize::MAX)];
        Ok(indexes.iter().map(at).collect())
    }
}

impl MemoryLog {
    fn append(&mut self, leaf: &[u8]) -> u64 {
        let new = tlog_tiles::stored_hashes(self.size, leaf, self).expect("all hashes are here");
        self.hashes.extend(new);
        self.size += 1;
        self.size - 1
    }

    fn proof(&self, index: u64, key: &SigningKey) -> LogProof {
        let path = tlog_tiles::prove_record(self.size, index, self).expect("it was appended");
        let root = tlog_tiles::tree_hash(self.size, self).expect("all hashes are here");
        let text = format!("{ORIGIN}\n{}\n{root}\n", self.size);
        let mut note = Note::new(text.as_bytes(), &[]).expect("it is a note");
        note.add_sigs(&[&signer(key)]).expect("the key is a key");
        let checkpoint = String::from_utf8_lossy(&note.to_bytes()).into_owned();
        LogProof { index, hashes: path.into_iter().map(|h| h.0).collect(), checkpoint }
    }
}

fn signer(key: &SigningKey) -> StandardSigner {
    let base64 = base64::prelude::BASE64_STANDARD;
    let public = [&[1u8][..], key.verifying_key().as_bytes()].concat();
    let id = signed_note::key_id(ORIGIN, &public);
    let secret = base64.encode([&[1u8][..], &key.to_bytes()].concat());
    let text = format!("PRIVATE+KEY+{ORIGIN}+{id:08x}+{secret}");
    StandardSigner::new(&text).expect("it has the form of a signer's key")
}
