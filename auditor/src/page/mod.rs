//! The published record as pages for a person: static, without script, complete in themselves. They repeat what the
//! published files say; nobody need believe them.

mod epoch;
mod html;
mod index;
mod verify;

pub(crate) use epoch::epoch;
pub(crate) use index::index;

use fleet_evidence::folder::{DeviceInfo, EvidenceFolder, device_file};
use fleet_evidence::{Report, Trust};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use vault_protocol::SignedBundle;

pub(crate) const INDEX: &str = "index.html";

/// Where an epoch's page lies below `public/`.
pub(crate) fn epoch_path(epoch: u64) -> String {
    format!("epochs/{epoch}.html")
}

/// One published epoch and what the auditor's checks say of it.
pub(crate) struct Examined {
    trust_id: String,
    mock: bool,
    signed: SignedBundle,
    report: Report,
    /// As each device says of itself, by serial.
    firmware: BTreeMap<u32, String>,
    files: Vec<FileLine>,
}

struct FileLine {
    path: String,
    bytes: usize,
    sha256: String,
}

impl Examined {
    pub(crate) fn new(trust: &Trust, signed: SignedBundle, report: Report, folder: &EvidenceFolder) -> Self {
        let devices = signed.bundle.sites.iter().flat_map(|s| &s.devices);
        let firmware = devices.filter_map(|d| {
            let info: DeviceInfo = folder.read(&device_file::path(d.serial, device_file::INFO)).ok()?;
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
