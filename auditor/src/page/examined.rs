//! What a page is about.

use fleet_evidence::folder::{DeviceInfo, EvidenceFolder, device_file};
use fleet_evidence::{Report, Trust};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use vault_protocol::SignedBundle;

/// One published epoch and what the auditor's checks say of it.
pub(crate) struct Examined {
    pub(super) trust_id: String,
    pub(super) mock: bool,
    pub(super) signed: SignedBundle,
    pub(super) report: Report,
    /// As each device says of itself, by serial.
    pub(super) firmware: BTreeMap<u32, String>,
    pub(super) files: Vec<FileLine>,
}

/// One file of the evidence.
pub(super) struct FileLine {
    pub(super) path: String,
    pub(super) bytes: usize,
    pub(super) sha256: String,
}

impl Examined {
    pub(crate) fn new(
        trust: &Trust,
        signed: SignedBundle,
        report: Report,
        folder: &EvidenceFolder,
    ) -> Self {
        let devices = signed.bundle.sites.iter().flat_map(|s| &s.devices);
        let firmware = devices.filter_map(|d| {
            let info: DeviceInfo =
                folder.read(&device_file::path(d.serial, device_file::INFO)).ok()?;
            Some((d.serial, info.firmware))
        });
        let line = |(path, bytes): (&String, &Vec<u8>)| FileLine {
            path: path.clone(),
            bytes: bytes.len(),
            sha256: hex::encode(Sha256::digest(bytes)),
        };
        Self {
            trust_id: hex::encode(trust.id()),
            mock: trust.mock(),
            firmware: firmware.collect(),
            files: folder.files().iter().map(line).collect(),
            signed,
            report,
        }
    }
}
