//! A whole fleet on paper, and how it is written out, signed and logged.

use super::devices::{DeviceModel, root};
use super::*;
use fleet_evidence::folder::*;
use std::collections::BTreeMap;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Everything of one fleet before it is signed. Change anything, then [`World::emit`].
#[derive(Clone)]
pub(crate) struct World {
    pub trust: TrustDocument,
    pub bundle: Bundle,
    pub devices: Vec<DeviceModel>,
    pub build: BuildInfo,
    pub manifest_mock: bool,
    pub fleet_key_made_on: u32,
    /// Replaces files of the ceremony before the manifest is made.
    pub overrides: Files,
    /// Replaces the manifest's sites.
    pub manifest_sites: Option<Vec<ManifestSite>>,
    /// None: made here, with the auditor's test key.
    pub anchors: Option<Anchors>,
    /// Changes to statements' inputs, by serial: challenge, head, bundle that the device really
    /// signed.
    pub statement_inputs: BTreeMap<u32, ([u8; 32], Head, BundleId)>,
    /// Other ids of the throw-away key, by serial.
    pub statement_ids: BTreeMap<u32, u16>,
    /// Device whose factory key really signs the statement.
    pub statement_signer: BTreeMap<u32, u32>,
}

impl World {
    pub(crate) fn honest() -> Self {
        let bundle = bundle(1, None);
        let serials: Vec<u32> = bundle.sites.iter().map(|s| s.devices[0].serial).collect();
        let copies = serials.len() - 1;
        let mut trust = trust_document();
        trust.attestation_roots = vec![root("test")];
        Self {
            trust,
            devices: serials
                .iter()
                .map(|s| DeviceModel::honest(*s, *s == serials[0], copies))
                .collect(),
            fleet_key_made_on: serials[0],
            bundle,
            build: BuildInfo {
                version: "0.1.0".into(),
                vault_server_sha256: hex::encode(Sha256::digest("vault-server")),
                source: "commit 0123456789abcdef".into(),
            },
            manifest_mock: true,
            overrides: Files::new(),
            manifest_sites: None,
            anchors: None,
            statement_inputs: BTreeMap::new(),
            statement_ids: BTreeMap::new(),
            statement_signer: BTreeMap::new(),
        }
    }

    /// Files of the ceremony, the bundle that names them, and what comes after the bundle.
    pub(crate) fn evidence(&self) -> (Bundle, Files) {
        let mut files = Files::new();
        files.insert(BUILD.into(), canonical(&self.build));
        files.insert(TRANSCRIPT.into(), b"A ceremony on paper.\n".to_vec());
        for device in &self.devices {
            write_device(device, &mut files);
        }
        files.extend(self.overrides.clone());
        let manifest = self.manifest().build(&files);
        files.insert(MANIFEST.into(), manifest.to_bytes());
        let mut bundle = self.bundle.clone();
        bundle.evidence.digest = manifest.digest();
        let anchors = self.anchors.clone().unwrap_or_else(|| self.sign_anchors());
        files.insert(ANCHORS.into(), canonical(&anchors));
        files.insert(STATEMENTS.into(), canonical(&self.statements(bundle.id())));
        (bundle, files)
    }

    fn manifest(&self) -> Manifest {
        let site = |(i, s): (usize, &Site)| ManifestSite {
            index: s.index,
            region: s.region.clone(),
            endpoint: s.endpoint.clone(),
            serial: self.devices[i].serial,
        };
        Manifest {
            kind: String::new(),
            namespace: self.bundle.namespace.clone(),
            fleet_id: self.bundle.fleet_id,
            epoch: self.bundle.epoch,
            created_at: NOW - 600,
            mock: self.manifest_mock,
            sites: self
                .manifest_sites
                .clone()
                .unwrap_or_else(|| self.bundle.sites.iter().enumerate().map(site).collect()),
            fleet_key_made_on: self.fleet_key_made_on,
            files: BTreeMap::new(),
        }
    }

    pub(crate) fn sign_anchors(&self) -> Anchors {
        let device = |d: &DeviceModel| DeviceAnchor {
            serial: d.serial,
            challenge: d.challenge,
            anchor: d.anchor,
            recorded_at: NOW - 900,
        };
        let record = AnchorRecord {
            kind: ANCHORS_TYPE.into(),
            namespace: NAMESPACE.into(),
            devices: self.devices.iter().map(device).collect(),
        };
        let signature = Signature64(ed25519("auditor").sign(&record.message()).to_bytes());
        Anchors { record, signature }
    }

    fn statements(&self, bundle: BundleId) -> Statements {
        let statement = |d: &DeviceModel| {
            let named = (d.challenge, d.head(), bundle);
            let signed = self.statement_inputs.get(&d.serial).copied().unwrap_or(named);
            let mut key = d.statement_key(statement_label(
                Purpose::Ceremony,
                &signed.0,
                &signed.1,
                &signed.2,
            ));
            key.id = self.statement_ids.get(&d.serial).copied().unwrap_or(key.id);
            let mut signer = d;
            if let Some(other) = self.statement_signer.get(&d.serial) {
                signer = self.devices.iter().find(|d| d.serial == *other).unwrap();
                (key.serial, key.signer) = (*other, *other);
            }
            DeviceStatement {
                serial: d.serial,
                purpose: Purpose::Ceremony,
                challenge: named.0,
                head: named.1,
                bundle,
                certificate: signer.attestation(&key),
                device_chain: signer.chain(),
            }
        };
        Statements {
            kind: STATEMENTS_TYPE.into(),
            statements: self.devices.iter().map(statement).collect(),
        }
    }
}

fn write_device(device: &DeviceModel, files: &mut Files) {
    let serial = device.serial;
    let mut put =
        |name: &str, bytes: Vec<u8>| drop(files.insert(device_file::path(serial, name), bytes));
    put(device_file::INFO, canonical(&device.info));
    put(device_file::CHAIN, device.chain().into_bytes());
    put(device_file::OBJECTS, canonical(&device.objects));
    put(device_file::AUTH_KEYS, canonical(&device.auth_keys));
    put(device_file::OPTIONS, canonical(&device.options));
    put(device_file::AUDIT_LOG, canonical(&device.log()));
    for (role, attested) in &device.attested {
        put(
            &format!("attestation-{:04x}.pem", role.id()),
            device.attestation(attested).into_bytes(),
        );
    }
}
