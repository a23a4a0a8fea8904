//! What an account has in the fleet for its recovery code.

use crate::DecodeError;
use crate::ids::{
    AccessCommitment, AccessKey, AccountId, KeysDigest, SiteIndex, Version, bytes_id,
};
use crate::labelled::labelled;
use crate::limits::{MAX_BOX, MAX_SITES, MAX_TRIES};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
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

/// Whose an account is. The account's id is made of it, so it needs no other proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Claim {
    /// The owner's public key.
    pub owner: OwnerKey,
    /// Random: one owner may have several accounts, which cannot be told to be of one owner.
    pub nonce: [u8; 16],
}

impl Claim {
    /// The first 16 bytes of SHA-256 over owner and nonce.
    pub fn account(&self) -> AccountId {
        let digest = Sha256::digest(labelled("account", &[&self.owner.0, &self.nonce]));
        AccountId::from_slice(&digest[..AccountId::LEN]).expect("a digest has 32 bytes")
    }
}

/// Argon2id cost (RFC 9106): memory in KiB, passes, lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CodeParameters {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// Who made the code, which decides what a used-up limit means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeOrigin {
    /// 70 random bits: its access key needs the code, so nobody else spends a try.
    Generated,
    /// The person's own: its access key stands in the backup's header, so whoever holds that can
    /// spend tries; the limit freezes the code before it destroys it.
    Own,
}

/// The owner's rules for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Policy {
    /// Wrong guesses until nothing opens the code any more: 1 to [`MAX_TRIES`].
    pub max_tries: u8,
    /// Who made the code.
    pub code: CodeOrigin,
}

impl Policy {
    /// As many tries as the protocol allows.
    pub fn of(code: CodeOrigin) -> Self {
        Self { max_tries: MAX_TRIES, code }
    }
}

/// One version of an account's code: what the owner signs, and what anyone who knows the account
/// may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// Whose account it is.
    pub claim: Claim,
    /// From 1: each new code has the next one.
    pub version: Version,
    /// Of the fleet whose devices the boxes are sealed to.
    pub keys: KeysDigest,
    /// To the access key, which signs tries.
    pub access: AccessCommitment,
    /// How the code is stretched.
    pub parameters: CodeParameters,
    /// What the owner allows.
    pub policy: Policy,
    /// To the one polynomial that all shares lie on.
    pub commitment: [u8; 32],
    /// [`boxes_digest`]
    pub boxes: [u8; 32],
}

impl Record {
    /// The account that it is of.
    pub fn account(&self) -> AccountId {
        self.claim.account()
    }

    /// Names the record in acknowledgements.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.message()).into()
    }

    /// What the owner signs (Ed25519).
    pub fn message(&self) -> Vec<u8> {
        let bytes = postcard::to_allocvec(self).expect("a record is plain data");
        labelled("owner-record", &[&bytes])
    }

    /// # Errors
    /// Version 0; no tries, or more than [`MAX_TRIES`].
    pub fn check_shape(&self) -> Result<(), DecodeError> {
        let bad = |why: &str| Err(DecodeError::Malformed("record", why.to_string()));
        if self.version == 0 {
            return bad("versions count from 1");
        }
        if !(1..=MAX_TRIES).contains(&self.policy.max_tries) {
            return bad("the policy allows no or too many tries");
        }
        Ok(())
    }
}

/// A record with its owner's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SignedRecord {
    /// What was signed.
    pub record: Record,
    /// Ed25519 of the owner key, over [`Record::message`].
    pub signature: Signature64,
}

impl SignedRecord {
    /// The newer of two records is the larger of their ranks: version, then the postcard encoding,
    /// byte by byte (spec/vault-protocol.md section 5).
    pub fn rank(&self) -> (Version, Vec<u8>) {
        let bytes = postcard::to_allocvec(self).expect("a record is plain data");
        (self.record.version, bytes)
    }
}

/// What only sites hold of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sealed {
    /// Shows the access key to the site.
    pub access: AccessOpening,
    /// One for each site that was there, in their order.
    pub boxes: Vec<DeviceBox>,
}

/// Shows which access key a commitment is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccessOpening {
    /// Random.
    pub salt: [u8; 32],
    /// Ed25519 public key that signs tries.
    pub key: AccessKey,
}

impl AccessOpening {
    /// Salted, so that a commitment does not let anyone test codes.
    pub fn commitment(&self) -> AccessCommitment {
        let bytes = labelled("access-commitment", &[&self.salt, &self.key.0]);
        AccessCommitment(Sha256::digest(bytes).into())
    }
}

/// An HPKE ciphertext for one device, `enc || ct`, with `enc` compressed (SEC1, 33 bytes).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SealedBox(pub Vec<u8>);

/// A box and the device that it is sealed to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeviceBox {
    /// Whose device opens it.
    pub site: SiteIndex,
    /// Serial number of the device.
    pub serial: u32,
    /// What it opens.
    pub sealed: SealedBox,
}

/// The box of one device among many.
pub fn box_of(boxes: &[DeviceBox], site: SiteIndex, serial: u32) -> Option<&SealedBox> {
    let its = |b: &&DeviceBox| b.site == site && b.serial == serial;
    boxes.iter().find(its).map(|b| &b.sealed)
}

/// What a record says of its boxes: SHA-256 over all of them, in their order.
pub fn boxes_digest(boxes: &[DeviceBox]) -> [u8; 32] {
    let bytes = postcard::to_allocvec(boxes).expect("boxes are plain data");
    Sha256::digest(labelled("boxes", &[&bytes])).into()
}

/// HPKE `info` of a code's box: it opens only for this fleet, account, version and device.
pub fn box_info(
    keys: &KeysDigest,
    account: &AccountId,
    version: Version,
    site: SiteIndex,
    serial: u32,
) -> Vec<u8> {
    let fields: [&[u8]; 5] =
        [&keys.0, &account.0, &version.to_be_bytes(), &[site.0], &serial.to_be_bytes()];
    labelled("box", &fields)
}

/// A signed record with what only sites hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SealedRecord {
    /// What anyone who knows the account may see.
    pub signed: SignedRecord,
    /// What only sites may.
    pub sealed: Sealed,
}

impl SealedRecord {
    /// Checks bounds, counts and digests against a fleet of `sites` sites, `threshold` of which
    /// must have a box.
    ///
    /// # Errors
    /// What is too long, missing, there twice, or does not belong together.
    pub fn check_shape(&self, sites: usize, threshold: u8) -> Result<(), DecodeError> {
        let bad = |why: &str| Err(DecodeError::Malformed("record", why.to_string()));
        let record = &self.signed.record;
        record.check_shape()?;
        check_boxes(&self.sealed.boxes, sites, threshold, MAX_BOX)?;
        if record.boxes != boxes_digest(&self.sealed.boxes) {
            return bad("the boxes are not those that the owner signed");
        }
        if record.access != self.sealed.access.commitment() {
            return bad("the access key is not the one that the owner signed");
        }
        Ok(())
    }
}

/// One box a site, in order, of at least `threshold` sites of a fleet of `sites`.
pub(crate) fn check_boxes(
    boxes: &[DeviceBox],
    sites: usize,
    threshold: u8,
    largest: usize,
) -> Result<(), DecodeError> {
    let bad = |why: &str| Err(DecodeError::Malformed("boxes", why.to_string()));
    let known = |b: &DeviceBox| (1..=sites).contains(&usize::from(b.site.0));
    if sites > MAX_SITES || boxes.len() > sites || !boxes.iter().all(known) {
        return bad("there is a box for a site that the fleet has not");
    }
    if boxes.windows(2).any(|pair| pair[0].site >= pair[1].site) {
        return bad("boxes must stand in the order of their sites, each once");
    }
    if boxes.len() < usize::from(threshold) {
        return bad("fewer sites than are needed to open it have a box");
    }
    if boxes.iter().any(|b| b.sealed.0.len() > largest) {
        return bad("a box is too large");
    }
    Ok(())
}

/// What an owner signs (Ed25519) to end an account for good.
pub fn removal_message(keys: &KeysDigest, account: &AccountId) -> Vec<u8> {
    labelled("owner-removal", &[&keys.0, &account.0])
}

/// Plaintext of a box. In a site's memory from evaluate to confirm, then wiped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct BoxContents {
    /// e_i: the share, masked.
    pub masked_share: [u8; 32],
    /// tag_i: shows a right code to this site; the site's multiplier is derived from it.
    pub tag: [u8; 32],
}

impl BoxContents {
    /// Bytes of a box's plaintext: share and tag.
    pub const LEN: usize = 64;

    /// As it is sealed.
    pub fn to_bytes(&self) -> zeroize::Zeroizing<Vec<u8>> {
        zeroize::Zeroizing::new([self.masked_share, self.tag].concat())
    }

    /// Reads exactly [`Self::LEN`] bytes.
    ///
    /// # Errors
    /// Another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (masked_share, tag) = bytes.split_at_checked(32).unwrap_or_default();
        match (masked_share.try_into(), tag.try_into()) {
            (Ok(masked_share), Ok(tag)) => Ok(Self { masked_share, tag }),
            _ => {
                let why = format!("{} bytes, not {}", bytes.len(), Self::LEN);
                Err(DecodeError::Malformed("box", why))
            }
        }
    }
}

impl fmt::Debug for BoxContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoxContents(…)")
    }
}
