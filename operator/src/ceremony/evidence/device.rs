//! One device's files.

use super::chain::ChainAbove;
use crate::error::OperatorError;
use crate::out_folder::OutFolder;
use fleet_evidence::attestation::pem;
use fleet_evidence::folder::{AuditLog, DeviceInfo, ObjectEntry, Options, canonical, device_file};
use std::path::Path;
use yubihsm_device::objects::{KEYS, ObjectType};

/// What the ceremony gathered of one device.
pub(crate) struct DeviceEvidence {
    info: DeviceInfo,
    chain: String,
    attestations: Vec<(u16, String)>,
    objects: Vec<ObjectEntry>,
    options: Options,
    log: AuditLog,
}

impl DeviceEvidence {
    /// Reads what the stages wrote; `log` goes from the reset line to the end of the ceremony.
    ///
    /// # Errors
    /// A file is missing or unreadable.
    pub(crate) fn gather(
        out: &OutFolder,
        serial: u32,
        firmware: String,
        log: Vec<[u8; 32]>,
        chain: &ChainAbove,
    ) -> Result<Self, OperatorError> {
        let attestation = |id: u16| {
            let path = out.attestation(serial, id);
            let der = crate::files::read(&path)?;
            Ok::<_, OperatorError>((id, pem(&der)))
        };
        Ok(Self {
            info: DeviceInfo { serial, firmware },
            chain: chain.with_device(out, serial)?,
            attestations: KEYS.iter().map(|k| attestation(k.id)).collect::<Result<_, _>>()?,
            objects: required(out, &out.inventory(serial))?,
            options: required(out, &out.options(serial))?,
            // The log store refuses a log with holes, so there were none.
            log: AuditLog { unlogged_boots: 0, unlogged_authentications: 0, entries: log },
        })
    }

    pub(crate) fn serial(&self) -> u32 {
        self.info.serial
    }

    /// Path and content of each file.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let serial = self.serial();
        let is_login = |o: &&ObjectEntry| o.kind == ObjectType::AuthenticationKey.code();
        let (logins, others): (Vec<_>, Vec<_>) = self.objects.iter().partition(|o| is_login(o));
        let json = [
            (device_file::INFO, canonical(&self.info)),
            (device_file::CHAIN, self.chain.clone().into_bytes()),
            (device_file::OBJECTS, canonical(&others)),
            (device_file::AUTH_KEYS, canonical(&logins)),
            (device_file::OPTIONS, canonical(&self.options)),
            (device_file::AUDIT_LOG, canonical(&self.log)),
        ];
        let named = json.into_iter().map(|(name, bytes)| (device_file::path(serial, name), bytes));
        let attestations = self.attestations.iter();
        named
            .chain(
                attestations.map(|(id, pem)| {
                    (device_file::attestation(serial, *id), pem.clone().into_bytes())
                }),
            )
            .collect()
    }
}

fn required<T: serde::de::DeserializeOwned>(
    out: &OutFolder,
    path: &Path,
) -> Result<T, OperatorError> {
    out.read_json(path)?
        .ok_or_else(|| OperatorError::Folder(format!("{} is missing", path.display())))
}
