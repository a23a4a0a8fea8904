//! The auditor's notes of a ceremony.

use super::canonical;
use serde::{Deserialize, Serialize};
use vault_protocol::{Signature64, labelled};

/// Value of `type` in every anchor record of this version.
pub const ANCHORS_TYPE: &str = "keepsake/anchors/v1";

/// `anchors.json`: how the auditor saw each device's log begin, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// What the auditor noted.
    pub record: AnchorRecord,
    /// Ed25519 by the auditor over [`AnchorRecord::message`].
    pub signature: Signature64,
}

/// The auditor's notes of one ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorRecord {
    /// [`ANCHORS_TYPE`]: other documents cannot stand in for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whose fleets.
    pub namespace: String,
    /// One for each device.
    pub devices: Vec<DeviceAnchor>,
}

/// One device's challenge, and the digest of its log's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceAnchor {
    /// Of the device.
    pub serial: u32,
    /// 32 random bytes of the auditor.
    #[serde(with = "hex::serde")]
    pub challenge: [u8; 32],
    /// Digest of the reset line.
    #[serde(with = "hex::serde")]
    pub anchor: [u8; 16],
    /// When the auditor wrote it down, unix seconds.
    pub recorded_at: u64,
}

impl AnchorRecord {
    /// What the auditor signs.
    pub fn message(&self) -> Vec<u8> {
        labelled("auditor-anchors", &[&canonical(self)])
    }
}
