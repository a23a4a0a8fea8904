//! The manifest: digests of all files that the bundle covers.

use super::{ATTACHED, canonical};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use vault_protocol::{BundleId, FleetId, SiteIndex};

/// Value of `type` in every manifest of this version.
pub const MANIFEST_TYPE: &str = "keepsake/evidence-manifest/v1";

/// `manifest.json`: what the evidence is about, and the digest of every file that it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_TYPE`]: other documents cannot stand in for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whose fleets: bundles of another namespace are refused.
    pub namespace: String,
    /// Of the fleet, the same in all its epochs.
    pub fleet_id: FleetId,
    /// Number of this generation of keys.
    pub epoch: u64,
    /// End of the ceremony, unix seconds.
    pub created_at: u64,
    /// Made with emulators.
    pub mock: bool,
    /// In the order of their indices.
    pub sites: Vec<ManifestSite>,
    /// Serial of the device on which the fleet key was generated.
    pub fleet_key_made_on: u32,
    /// Path to SHA-256 (64 hex digits), all files but the attached ones.
    pub files: BTreeMap<String, String>,
}

/// Where a device stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestSite {
    /// From 1.
    pub index: SiteIndex,
    /// Where the site is.
    pub region: String,
    /// The site's address, `https://…`.
    pub endpoint: String,
    /// Of the site's device.
    pub serial: u32,
}

impl Manifest {
    /// Completes a manifest with the digests of `files` (attached files are left out).
    pub fn build(mut self, files: &BTreeMap<String, Vec<u8>>) -> Self {
        let covered = files.iter().filter(|(path, _)| !ATTACHED.contains(&path.as_str()));
        self.kind = MANIFEST_TYPE.into();
        self.files = covered
            .map(|(path, bytes)| (path.clone(), hex::encode(Sha256::digest(bytes))))
            .collect();
        self
    }

    /// Contents of `manifest.json`.
    pub fn to_bytes(&self) -> Vec<u8> {
        canonical(self)
    }

    /// What the bundle names as `evidence.digest`.
    pub fn digest(&self) -> BundleId {
        BundleId(Sha256::digest(self.to_bytes()).into())
    }
}
