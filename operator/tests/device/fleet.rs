//! Emulated devices, a plan for them, and an auditor that notes anchors.

use super::support::Device;
use ed25519_dalek::{Signer, SigningKey};
use fleet_evidence::folder::{
    ANCHORS, ANCHORS_TYPE, AnchorRecord, Anchors, DeviceAnchor, EvidenceFolder,
};
use fleet_evidence::{TRUST_TYPE, Trust, TrustDocument};
use hsm_mock::{MOCK_ROOT_PEM, MOCK_SUB_CA_PEM};
use operator::ceremony::{self, Watch};
use operator::{OperatorError, OutFolder, Plan, PlannedSite, SiteProgram};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;
use vault_protocol::{Bundle, FleetId, GuessPolicy, Signature64, SiteIndex};

pub(crate) struct Fleet {
    pub devices: Vec<Device>,
    pub plan: Plan,
    pub out: OutFolder,
    /// Stands for `vault-server`.
    pub site_program: SiteProgram,
    auditor: SigningKey,
    operator: SigningKey,
    _folder: TempDir,
}

impl Fleet {
    pub(crate) fn new(sites: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let devices: Vec<Device> = (1..=sites).map(|i| Device::new(1000 + u32::from(i))).collect();
        let chain = [("sub-ca.pem", MOCK_SUB_CA_PEM), ("root.pem", MOCK_ROOT_PEM)];
        let attestation_chain = chain.map(|(name, pem)| {
            std::fs::write(folder.path().join(name), pem).unwrap();
            folder.path().join(name)
        });
        let plan = Plan {
            namespace: "mock.keepsake".into(),
            fleet_id: FleetId([7; 16]),
            epoch: 1,
            previous: None,
            policy: GuessPolicy::Balanced,
            sites: devices.iter().zip(1..).map(|(device, index)| site(device, index)).collect(),
            not_before: 1_700_000_000,
            not_after: 4_000_000_000,
            evidence_url: "https://auditor.example/evidence/1/".into(),
            reset: true,
            attestation_chain: attestation_chain.into(),
            source: "a test".into(),
            revoked_epochs: vec![],
        };
        let out = OutFolder::new(&folder.path().join("out"));
        let key = |byte| SigningKey::from_bytes(&[byte; 32]);
        let site_program = SiteProgram::read(Some(&std::env::current_exe().unwrap())).unwrap();
        Self {
            devices,
            plan,
            out,
            site_program,
            auditor: key(1),
            operator: key(2),
            _folder: folder,
        }
    }

    /// Begins; stops where the auditor is needed, lets it note the anchors, and goes on.
    pub(crate) fn run(&self, watch: Watch<'_>) -> Result<Bundle, OperatorError> {
        match ceremony::begin_and_run(&self.plan, &self.out, &self.site_program, watch) {
            Err(OperatorError::Waiting(_)) => self.resume(watch),
            other => other,
        }
    }

    pub(crate) fn resume(&self, watch: Watch<'_>) -> Result<Bundle, OperatorError> {
        match ceremony::resume(&self.plan, &self.out, &self.site_program, watch) {
            Err(OperatorError::Waiting(_)) => {
                self.note_anchors();
                ceremony::resume(&self.plan, &self.out, &self.site_program, watch)
            }
            other => other,
        }
    }

    pub(crate) fn start_over(&self, watch: Watch<'_>) -> Result<Bundle, OperatorError> {
        match ceremony::start_over(&self.plan, &self.out, &self.site_program, watch) {
            Err(OperatorError::Waiting(_)) => self.resume(watch),
            other => other,
        }
    }

    fn note_anchors(&self) {
        let journal: serde_json::Value = read_json(&self.out.journal());
        let devices =
            journal["devices"].as_object().unwrap().iter().map(|(serial, record)| DeviceAnchor {
                serial: serial.parse().unwrap(),
                challenge: [9; 32],
                anchor: hex::decode(record["anchor"].as_str().unwrap())
                    .unwrap()
                    .try_into()
                    .unwrap(),
                recorded_at: 1_750_000_000,
            });
        let record = AnchorRecord {
            kind: ANCHORS_TYPE.into(),
            namespace: "mock.keepsake".into(),
            devices: devices.collect(),
        };
        let signature = Signature64(self.auditor.sign(&record.message()).to_bytes());
        self.out
            .write_json(&self.out.evidence().join(ANCHORS), &Anchors { record, signature })
            .unwrap();
    }

    pub(crate) fn trust(&self) -> Trust {
        let hex_key = |key: &SigningKey| hex::encode(key.verifying_key().as_bytes());
        let document = TrustDocument {
            kind: TRUST_TYPE.into(),
            namespace: "mock.keepsake".into(),
            auditor_key: hex_key(&self.auditor),
            operator_key: hex_key(&self.operator),
            log_key: String::new(),
            attestation_roots: vec![MOCK_ROOT_PEM.into()],
            mock: true,
            minimum_firmware: "2.3.1".into(),
            tls_ca: None,
        };
        Trust::new(document).unwrap()
    }

    pub(crate) fn evidence(&self) -> EvidenceFolder {
        let mut files = BTreeMap::new();
        collect(&self.out.evidence(), "", &mut files);
        EvidenceFolder::new(files).unwrap()
    }

    /// What a verifier says of the published folder: nothing, or every refusal.
    pub(crate) fn refusals(&self, bundle: &Bundle) -> Vec<String> {
        let verified = fleet_evidence::verify_candidate_evidence(
            bundle,
            &self.trust(),
            &self.evidence(),
            1_800_000_000,
        );
        match verified {
            Ok(_) => vec![],
            Err(refused) => {
                let failed =
                    refused.0.checks.iter().filter(|c| c.outcome != fleet_evidence::Outcome::Pass);
                failed.map(|c| format!("{}: {}", c.id, c.reason)).collect()
            }
        }
    }
}

pub(crate) fn go_on(_: &OutFolder, _: &str) -> Result<(), OperatorError> {
    Ok(())
}

/// As the command line does it: every step goes into the transcript.
pub(crate) fn note(out: &OutFolder, step: &str) -> Result<(), OperatorError> {
    out.note(step)
}

pub(crate) fn read_json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn site(device: &Device, index: u8) -> PlannedSite {
    PlannedSite {
        index: SiteIndex(index),
        region: format!("region-{index}"),
        endpoint: format!("https://127.0.0.1:{}", 7100 + u16::from(index)),
        connector: device.running.url(),
        serial: device.emulator.serial(),
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => collect(&entry.path(), &format!("{name}/"), files),
            false => drop(files.insert(name, std::fs::read(entry.path()).unwrap())),
        }
    }
}
