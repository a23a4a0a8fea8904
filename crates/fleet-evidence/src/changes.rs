//! What differs between two epochs, said so that a person can judge it.

use serde::{Deserialize, Serialize};
use vault_protocol::Bundle;

/// The step from one epoch to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochChange {
    /// The earlier of the two epochs.
    pub from_epoch: u64,
    /// The later one, right after it.
    pub to_epoch: u64,
    /// Devices that only the later epoch has.
    pub appeared: Vec<DeviceName>,
    /// Devices that only the earlier epoch has.
    pub left: Vec<DeviceName>,
    /// Devices that stayed, with other keys than before.
    pub rekeyed: Vec<DeviceName>,
    /// Whether the key that all sites share was made anew: accounts of the earlier epoch cannot be
    /// recovered with the later one's.
    pub fleet_key_changed: bool,
    /// Sites needed before and after.
    pub threshold: (u8, u8),
    /// Epochs whose keys are revoked from here on. Not there in what older versions remembered.
    #[serde(default)]
    pub revoked: Vec<u64>,
}

/// One device and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceName {
    /// The device's serial number.
    pub serial: u32,
    /// Where its site says that it is.
    pub region: String,
    /// The site's address.
    pub endpoint: String,
}

impl EpochChange {
    pub(crate) fn between(old: &Bundle, new: &Bundle) -> Self {
        let (before, after) = (devices(old), devices(new));
        let missing_from = |list: &[Entry], other: &[Entry]| {
            let gone = |e: &&Entry| !other.iter().any(|o| o.0 == e.0);
            list.iter().filter(gone).map(|e| e.0.clone()).collect()
        };
        let rekeyed = |e: &&Entry| before.iter().any(|o| o.0 == e.0 && o.1 != e.1);
        Self {
            from_epoch: old.epoch,
            to_epoch: new.epoch,
            appeared: missing_from(&after, &before),
            left: missing_from(&before, &after),
            rekeyed: after.iter().filter(rekeyed).map(|e| e.0.clone()).collect(),
            fleet_key_changed: old.fleet_key != new.fleet_key,
            threshold: (old.threshold, new.threshold),
            revoked: new
                .revoked_epochs
                .iter()
                .filter(|e| !old.revoked_epochs.contains(e))
                .copied()
                .collect(),
        }
    }

    /// One sentence per difference.
    pub fn sentences(&self) -> Vec<String> {
        let name = |d: &DeviceName| format!("device {} in {} ({})", d.serial, d.region, d.endpoint);
        let mut out: Vec<String> = Vec::new();
        out.extend(
            self.appeared.iter().map(|d| format!("Epoch {}: {} joined.", self.to_epoch, name(d))),
        );
        out.extend(self.left.iter().map(|d| format!("Epoch {}: {} left.", self.to_epoch, name(d))));
        out.extend(
            self.rekeyed
                .iter()
                .map(|d| format!("Epoch {}: {} has new keys.", self.to_epoch, name(d))),
        );
        if self.fleet_key_changed {
            out.push(format!("Epoch {}: the fleet has a new key.", self.to_epoch));
        }
        if self.threshold.0 != self.threshold.1 {
            let (old, new) = self.threshold;
            out.push(format!(
                "Epoch {}: {new} sites are needed for a recovery, before it were {old}.",
                self.to_epoch
            ));
        }
        out.extend(self.revoked.iter().map(|revoked| {
            format!(
                "Epoch {}: the keys of epoch {revoked} are revoked and must not be used any more.",
                self.to_epoch
            )
        }));
        out
    }
}

type Entry = (DeviceName, Vec<u8>);

fn devices(bundle: &Bundle) -> Vec<Entry> {
    let mut out = Vec::new();
    for site in &bundle.sites {
        for device in &site.devices {
            let name = DeviceName {
                serial: device.serial,
                region: site.region.clone(),
                endpoint: site.endpoint.clone(),
            };
            let keys = [device.oprf_key, device.seal_key, device.session_key, device.receipt_key];
            out.push((name, keys.map(|key| key.0).concat()));
        }
    }
    out
}
