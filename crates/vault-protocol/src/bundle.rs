//! The validation bundle: the fleet's keys as an auditor signed them (spec/validation-bundle.md).

use crate::DecodeError;
use crate::ids::{BundleId, FleetId, KeysDigest, Point, SiteIndex};
use crate::limits::{MAX_BUNDLE, MAX_SITES};
use crate::record::Signature64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Value of `type` in every bundle of this version.
pub const BUNDLE_TYPE: &str = "keepsake/validation-bundle/v2";
/// What every version's `type` begins with; the number follows.
const BUNDLE_TYPE_STEM: &str = "keepsake/validation-bundle/v";
/// Version of the protocol that bundles of this program name.
const VERSION: u32 = 2;

/// The keys and places of one fleet in one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`BUNDLE_TYPE`]: other documents cannot stand in for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whose fleets: bundles of another namespace are refused.
    pub namespace: String,
    /// The same in every epoch.
    pub fleet_id: FleetId,
    /// 1, 2, 3, …; never reused.
    pub epoch: u64,
    /// Sites needed for a recovery: n/2 + 1.
    pub threshold: u8,
    /// How many sites must vote for a guess.
    pub policy: GuessPolicy,
    /// F: the fleet's name; every device holds it, and every site proves it.
    pub fleet_key: Point,
    /// In the order of their indices, which count from 1.
    pub sites: Vec<Site>,
    /// Unix seconds.
    pub not_before: u64,
    /// Unix seconds.
    pub not_after: u64,
    /// Id of the bundle of the epoch before; none in epoch 1.
    pub previous: Option<BundleId>,
    /// What shows that the keys were made in these devices.
    pub evidence: Evidence,
    /// Earlier epochs whose keys must not be used any more.
    pub revoked_epochs: Vec<u64>,
    /// First epoch of these same devices and keys, when it is an earlier one: see
    /// [`Bundle::keys_since`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_since: Option<u64>,
}

/// Which quorum a guess needs; the numbers are in spec/vault-protocol.md.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuessPolicy {
    /// A majority of the sites for the first guesses of a round, the larger quorum for the rest.
    #[default]
    Balanced,
    /// The larger quorum for every guess.
    Strict,
}

impl GuessPolicy {
    /// Tries that a balanced fleet allows with its threshold alone.
    const EASY_SLOTS: u8 = 5;

    /// Votes of different sites that `slot` needs, in a fleet of `sites` sites.
    ///
    /// With b bad sites at most floor((n-b) / (q-b)) tries of one slot can be certified, for an
    /// honest site votes once. The larger quorum makes that one for every b below the threshold: q
    /// > (n + t - 1) / 2.
    pub fn quorum(self, sites: usize, slot: u8) -> usize {
        let threshold = sites / 2 + 1;
        match self {
            Self::Balanced if slot <= Self::EASY_SLOTS => threshold,
            Self::Balanced | Self::Strict => (sites + threshold - 1) / 2 + 1,
        }
    }

    /// As it is written in a bundle.
    pub fn name(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Strict => "strict",
        }
    }
}

/// One site: a place of its own, with a device of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// From 1.
    pub index: SiteIndex,
    /// Where it is, in words.
    pub region: String,
    /// Base URL of the client API, `https://…`.
    pub endpoint: String,
    /// Exactly one in this version.
    pub devices: Vec<Device>,
}

/// One YubiHSM2 and the public keys that live in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The serial number that Yubico gave it.
    pub serial: u32,
    /// K: share of the oblivious function.
    pub oprf_key: Point,
    /// Z: boxes for this device are sealed to it.
    pub seal_key: Point,
    /// Static key of this site's own client sessions, and of nothing else.
    pub session_key: Point,
    /// Verifies this site's ECDSA receipts.
    pub receipt_key: Point,
}

/// Names the evidence that the parties signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// SHA-256 of the JCS form of the ceremony's manifest.
    pub digest: BundleId,
    /// Where the folder is published.
    pub url: String,
}

/// A bundle with both signatures and its place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedBundle {
    /// What was signed.
    pub bundle: Bundle,
    /// The auditor's word on it.
    pub auditor: Auditor,
    /// The operator's word on the auditor's.
    pub operator: Operator,
    /// C2SP tlog-proof text.
    pub log_proof: String,
}

/// The party that examined the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auditor {
    /// Unix seconds.
    pub timestamp: u64,
    /// Over [`crate::auditor_message`].
    pub signature: Signature64,
}

/// The party that runs the fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Over [`crate::operator_message`].
    pub signature: Signature64,
}

impl Bundle {
    /// RFC 8785 (JCS) bytes.
    pub fn canonical(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self)
            .expect("a bundle has only strings, integers and lists")
    }

    /// Reads and bounds a bundle that is not signed yet, as a ceremony or a renewal wrote it. Its
    /// shape is for [`Self::check_shape`], or for whoever is asked to sign it.
    ///
    /// # Errors
    /// As [`SignedBundle::from_json`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, DecodeError> {
        bounded("validation bundle", bytes)?;
        let malformed =
            |e: serde_json::Error| DecodeError::Malformed("validation bundle", e.to_string());
        let typed: TypeOfBundle = serde_json::from_slice(bytes).map_err(malformed)?;
        check_type(&typed.kind)?;
        serde_json::from_slice(bytes).map_err(malformed)
    }

    /// The digest that names the bundle: SHA-256 of its canonical form.
    pub fn id(&self) -> BundleId {
        BundleId(Sha256::digest(self.canonical()).into())
    }

    /// The epoch that accounts are bound to: the first since which devices, keys and threshold are
    /// what they are now.
    pub fn keys_since(&self) -> u64 {
        self.keys_since.unwrap_or(self.epoch)
    }

    /// SHA-256 of the JCS form of everything that an account's secrets are bound to: threshold,
    /// policy, fleet key, and serial and keys of every device, site by site
    /// (spec/validation-bundle.md section 3.1).
    pub fn keys_digest(&self) -> KeysDigest {
        let of_site = |s: &Site| s.devices.iter().map(DeviceKeys::of).collect();
        let keys = FleetKeys {
            threshold: self.threshold,
            policy: self.policy,
            fleet_key: self.fleet_key,
            sites: self.sites.iter().map(of_site).collect(),
        };
        let bytes =
            serde_json_canonicalizer::to_vec(&keys).expect("keys are strings, integers and lists");
        KeysDigest(Sha256::digest(bytes).into())
    }

    /// Whether accounts sealed under `other` can be served under this bundle: the same fleet,
    /// threshold, policy and fleet key, and at every site the same device with the same keys.
    /// Regions and addresses may differ.
    pub fn has_keys_of(&self, other: &Self) -> bool {
        let indices = |b: &Self| b.sites.iter().map(|s| s.index).collect::<Vec<_>>();
        self.fleet_id == other.fleet_id
            && indices(self) == indices(other)
            && self.keys_digest() == other.keys_digest()
    }

    /// The site with this index.
    pub fn site(&self, index: SiteIndex) -> Option<&Site> {
        self.sites.iter().find(|s| s.index == index)
    }

    /// Checks the shape alone: type, 3/5/7 sites numbered 1..=n, threshold n/2 + 1, one device
    /// each.
    ///
    /// # Errors
    /// [`DecodeError::OldVersion`] or [`DecodeError::NewVersion`] for another version's type, else
    /// [`DecodeError::Malformed`].
    pub fn check_shape(&self) -> Result<(), DecodeError> {
        let bad = |why: &str| Err(DecodeError::Malformed("validation bundle", why.to_string()));
        let n = self.sites.len();
        check_type(&self.kind)?;
        if !matches!(n, 3 | 5 | 7) || n > MAX_SITES {
            return bad("a fleet has 3, 5 or 7 sites");
        }
        if usize::from(self.threshold) != n / 2 + 1 {
            return bad("the threshold must be a majority");
        }
        if !self.sites.iter().enumerate().all(|(i, s)| usize::from(s.index.0) == i + 1) {
            return bad("sites must be numbered from 1 in order");
        }
        if !self.sites.iter().all(|s| s.devices.len() == 1) {
            return bad("each site has exactly one device");
        }
        if self.epoch == 0 || (self.epoch == 1) != self.previous.is_none() {
            return bad("epoch 1, and only epoch 1, has no previous bundle");
        }
        if self.keys_since.is_some_and(|since| since == 0 || since >= self.epoch) {
            return bad("keys_since names an earlier epoch, or is left out");
        }
        if self.revoked_epochs.iter().any(|revoked| *revoked >= self.keys_since()) {
            return bad("the keys in use date from an epoch that is revoked");
        }
        Ok(())
    }
}

impl Site {
    /// The site's device; [`Bundle::check_shape`] has made sure that there is exactly one.
    pub fn device(&self) -> Option<&Device> {
        self.devices.first()
    }
}

impl SignedBundle {
    /// Reads and bounds a signed bundle; no signature is checked here.
    ///
    /// # Errors
    /// [`DecodeError::OldVersion`] or [`DecodeError::NewVersion`] if it is a bundle of another
    /// version of the protocol, [`DecodeError::TooLong`] over [`MAX_BUNDLE`], else
    /// [`DecodeError::Malformed`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, DecodeError> {
        bounded("signed validation bundle", bytes)?;
        let malformed = |e: serde_json::Error| {
            DecodeError::Malformed("signed validation bundle", e.to_string())
        };
        // First of all the type: another version has other fields, and would read as damage.
        let typed: TypeOfSigned = serde_json::from_slice(bytes).map_err(malformed)?;
        check_type(&typed.bundle.kind)?;
        let signed: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        signed.bundle.check_shape()?;
        Ok(signed)
    }
}

/// What [`Bundle::keys_digest`] covers.
#[derive(Serialize)]
struct FleetKeys {
    threshold: u8,
    policy: GuessPolicy,
    fleet_key: Point,
    sites: Vec<Vec<DeviceKeys>>,
}

#[derive(Serialize)]
struct DeviceKeys {
    serial: u32,
    oprf_key: Point,
    seal_key: Point,
    session_key: Point,
    receipt_key: Point,
}

impl DeviceKeys {
    fn of(device: &Device) -> Self {
        let Device { serial, oprf_key, seal_key, session_key, receipt_key } = *device;
        Self { serial, oprf_key, seal_key, session_key, receipt_key }
    }
}

/// The `type` of a signed bundle of any version, whatever else it holds.
#[derive(Deserialize)]
struct TypeOfSigned {
    bundle: TypeOfBundle,
}

#[derive(Deserialize)]
struct TypeOfBundle {
    #[serde(rename = "type")]
    kind: String,
}

fn bounded(what: &'static str, bytes: &[u8]) -> Result<(), DecodeError> {
    match bytes.len() {
        0..=MAX_BUNDLE => Ok(()),
        len => Err(DecodeError::TooLong { what, len, limit: MAX_BUNDLE }),
    }
}

fn check_type(kind: &str) -> Result<(), DecodeError> {
    if kind == BUNDLE_TYPE {
        return Ok(());
    }
    match kind.strip_prefix(BUNDLE_TYPE_STEM).and_then(|number| number.parse().ok()) {
        Some(found @ 1..VERSION) => Err(DecodeError::OldVersion(found)),
        Some(found) if found > VERSION => Err(DecodeError::NewVersion(found)),
        _ => Err(DecodeError::Malformed("validation bundle", "unknown type".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quorums_keep_the_published_bounds() {
        let distinct = |n: usize, q: usize, b: usize| (n - b) / (q - b);
        let bound = |policy: GuessPolicy, n, b| -> usize {
            (1..=10).map(|slot| distinct(n, policy.quorum(n, slot), b)).sum()
        };
        assert_eq!([0, 1, 2].map(|b| bound(GuessPolicy::Balanced, 5, b)), [10, 15, 20]);
        assert_eq!([0, 1, 2].map(|b| bound(GuessPolicy::Strict, 5, b)), [10, 10, 10]);
        assert_eq!([0, 1].map(|b| bound(GuessPolicy::Balanced, 3, b)), [10, 15]);
        assert_eq!([0, 1].map(|b| bound(GuessPolicy::Strict, 3, b)), [10, 10]);
        assert_eq!([0, 1, 2, 3].map(|b| bound(GuessPolicy::Strict, 7, b)), [10, 10, 10, 10]);
    }
}
