//! What an account keeps in the fleet.

use crate::DecodeError;
use crate::ids::{AccountId, SiteIndex, Version, bytes_id};
use crate::limits::{MAX_BOX, MAX_SITES, MAX_TRIES};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

bytes_id!(
    /// Ed25519 public key derived from the backup key: only its holder may replace or delete.
    OwnerKey, 32
);
bytes_id!(
    /// An Ed25519 signature, or ECDSA P-256 as `r || s`.
    Signature64, 64
);

/// Argon2id cost (RFC 9106): memory in KiB, passes, lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeParameters {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

/// Rules that travel inside each box, so that a site cannot be talked out of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub max_tries: u8,
}

impl Default for Policy {
    fn default() -> Self {
        Self { max_tries: MAX_TRIES }
    }
}

/// Box_i: HPKE ciphertext for one device, `enc (65) || ct`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedBox(pub Vec<u8>);

/// One version of an account, as it is stored at every site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub account: AccountId,
    pub version: Version,
    pub epoch: u64,
    pub owner: OwnerKey,
    pub parameters: CodeParameters,
    pub policy: Policy,
    /// Box i at position i - 1.
    pub boxes: Vec<SealedBox>,
}

impl Record {
    /// Checks bounds and counts against a fleet of `sites` sites.
    pub fn check_shape(&self, sites: usize) -> Result<(), DecodeError> {
        let bad = |why: &str| Err(DecodeError::Malformed("record", why.to_string()));
        if self.boxes.len() != sites || sites > MAX_SITES {
            return bad("there must be one box for each site");
        }
        if self.boxes.iter().any(|b| b.0.len() > MAX_BOX) {
            return bad("a box is too large");
        }
        if self.version == 0 {
            return bad("versions count from 1");
        }
        if self.policy.max_tries == 0 || self.policy.max_tries > MAX_TRIES {
            return bad("the policy allows no or too many tries");
        }
        Ok(())
    }

    pub fn sealed_box(&self, site: SiteIndex) -> Option<&SealedBox> {
        self.boxes.get(usize::from(site.0).checked_sub(1)?)
    }
}

/// Plaintext of a box. Lives in a site's memory from evaluate to confirm, then is wiped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct BoxContents {
    /// u_i: per-person scalar, big-endian, not zero.
    pub multiplier: [u8; 32],
    /// e_i: masked share.
    pub masked_share: [u8; 32],
    /// tag_i: proves a right code to this site.
    pub tag: [u8; 32],
    /// Commitment to the secret, shown to whoever evaluates.
    pub commitment: [u8; 32],
    pub max_tries: u8,
}

impl BoxContents {
    /// 4 * 32 + 1.
    pub const LEN: usize = 129;

    pub fn to_bytes(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let parts = [&self.multiplier, &self.masked_share, &self.tag, &self.commitment];
        let mut out = zeroize::Zeroizing::new(Vec::with_capacity(Self::LEN));
        parts.iter().for_each(|p| out.extend_from_slice(*p));
        out.push(self.max_tries);
        out
    }

    /// Reads exactly [`Self::LEN`] bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let malformed = || DecodeError::Malformed("box", format!("{} bytes, not {}", bytes.len(), Self::LEN));
        let bytes: &[u8; Self::LEN] = bytes.try_into().map_err(|_| malformed())?;
        let part = |i: usize| -> [u8; 32] { std::array::from_fn(|j| bytes[i * 32 + j]) };
        Ok(Self {
            multiplier: part(0),
            masked_share: part(1),
            tag: part(2),
            commitment: part(3),
            max_tries: bytes[128],
        })
    }
}

impl fmt::Debug for BoxContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoxContents(…)")
    }
}
