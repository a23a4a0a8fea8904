//! Check E12: how the auditor saw each log begin.

use super::dossier::Dossier;
use crate::folder::{ANCHORS_TYPE, DeviceAnchor};
use crate::trust::Trust;
use ed25519_dalek::Signature;

/// Check E12.
pub(super) fn check(dossier: &Dossier, trust: &Trust) -> Result<String, String> {
    let record = &dossier.anchors.record;
    let key = trust.auditor_key()?;
    let signature = Signature::from_bytes(&dossier.anchors.signature.0);
    if key.verify_strict(&record.message(), &signature).is_err() {
        return Err("the anchors are not signed by the auditor".into());
    }
    if record.kind != ANCHORS_TYPE || record.namespace != trust.namespace() {
        return Err("the anchors have another type or namespace".into());
    }
    for device in &dossier.devices {
        let anchor = of(dossier, device.serial)?.anchor;
        if device.entries.first().map(|e| e.digest) != Some(anchor) {
            return Err(format!(
                "device {}: its log does not begin at the anchor {}",
                device.serial,
                hex::encode(anchor)
            ));
        }
    }
    Ok(format!("{} logs begin at the auditor's anchors", dossier.devices.len()))
}

/// The one anchor of a device.
pub(super) fn of(dossier: &Dossier, serial: u32) -> Result<&DeviceAnchor, String> {
    let mut found = dossier.anchors.record.devices.iter().filter(|d| d.serial == serial);
    match (found.next(), found.next()) {
        (Some(anchor), None) => Ok(anchor),
        _ => Err(format!("device {serial}: not exactly one anchor")),
    }
}
