//! A folder's files, read into their forms.

use crate::attestation::Certificate;
use crate::device_log::Entry;
use crate::device_profile::KeyRole;
use crate::folder::*;
use std::collections::BTreeMap;

/// A device has 256 object slots (Yubico, Core Concepts).
const MAX_OBJECTS: usize = 256;
/// A ceremony takes about 40 audited entries; the numbers of a log are 16 bits.
const MAX_ENTRIES: usize = 65_535;

/// All files of a folder, read into their forms.
pub(super) struct Dossier {
    pub manifest: Manifest,
    pub build: BuildInfo,
    /// In the order of the manifest's sites.
    pub devices: Vec<DeviceFiles>,
    pub anchors: Anchors,
    pub statements: Vec<DeviceStatement>,
}

/// One device's files.
pub(super) struct DeviceFiles {
    pub serial: u32,
    pub info: DeviceInfo,
    pub chain: Vec<Certificate>,
    pub attestations: BTreeMap<KeyRole, Certificate>,
    pub objects: Vec<ObjectEntry>,
    pub auth_keys: Vec<ObjectEntry>,
    pub options: Options,
    pub log: AuditLog,
    pub entries: Vec<Entry>,
}

impl Dossier {
    pub(super) fn read(manifest: &Manifest, folder: &EvidenceFolder) -> Result<Self, String> {
        let statements: Statements = folder.read(STATEMENTS)?;
        if statements.kind != STATEMENTS_TYPE {
            return Err(format!("{STATEMENTS}: unknown type"));
        }
        if folder.get(TRANSCRIPT).is_none() {
            return Err(format!("{TRANSCRIPT} is missing"));
        }
        Ok(Self {
            manifest: manifest.clone(),
            build: folder.read(BUILD)?,
            devices: manifest
                .sites
                .iter()
                .map(|s| DeviceFiles::read(s.serial, folder))
                .collect::<Result<_, _>>()?,
            anchors: folder.read(ANCHORS)?,
            statements: statements.statements,
        })
    }
}

impl DeviceFiles {
    fn read(serial: u32, folder: &EvidenceFolder) -> Result<Self, String> {
        let path = |name| device_file::path(serial, name);
        let log: AuditLog = folder.read(&path(device_file::AUDIT_LOG))?;
        let device = Self {
            serial,
            info: folder.read(&path(device_file::INFO))?,
            chain: certificates(folder, &path(device_file::CHAIN))?,
            attestations: attestations(serial, folder)?,
            objects: folder.read(&path(device_file::OBJECTS))?,
            auth_keys: folder.read(&path(device_file::AUTH_KEYS))?,
            options: folder.read(&path(device_file::OPTIONS))?,
            entries: log.entries.iter().map(Entry::read).collect(),
            log,
        };
        let too_many = device.objects.len() > MAX_OBJECTS
            || device.auth_keys.len() > MAX_OBJECTS
            || device.entries.len() > MAX_ENTRIES;
        if too_many {
            Err(format!("device {serial}: more objects or entries than a device holds"))
        } else {
            Ok(device)
        }
    }
}

fn attestations(
    serial: u32,
    folder: &EvidenceFolder,
) -> Result<BTreeMap<KeyRole, Certificate>, String> {
    let mut out = BTreeMap::new();
    for role in KeyRole::ALL {
        let path = device_file::attestation(serial, role.id());
        let mut certificates = certificates(folder, &path)?;
        match (certificates.pop(), certificates.len()) {
            (Some(certificate), 0) => drop(out.insert(role, certificate)),
            _ => return Err(format!("{path}: exactly one certificate is expected")),
        }
    }
    Ok(out)
}

fn certificates(folder: &EvidenceFolder, path: &str) -> Result<Vec<Certificate>, String> {
    let bytes = folder.get(path).ok_or_else(|| format!("{path} is missing"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{path} is not text"))?;
    Certificate::from_pem(text).map_err(|e| format!("{path}: {e}"))
}
