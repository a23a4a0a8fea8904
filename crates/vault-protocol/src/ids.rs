//! Fixed-size identifiers. Text form is lower-case hex.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Its length in bytes.
            pub const LEN: usize = $len;

            /// The bytes themselves.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Reads exactly this many bytes, or `None`.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// Reads lower- or upper-case hex of exactly this length, or `None`.
            pub fn from_hex(text: &str) -> Option<Self> {
                let mut out = [0; $len];
                hex::decode_to_slice(text, &mut out).ok()?;
                Some(Self(out))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                if s.is_human_readable() {
                    s.collect_str(self)
                } else {
                    s.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let wrong = || serde::de::Error::custom(concat!(stringify!($name), " must be ", $len, " bytes"));
                if d.is_human_readable() {
                    let text = <String as Deserialize>::deserialize(d)?;
                    Self::from_hex(&text).ok_or_else(wrong)
                } else {
                    let bytes = <Vec<u8> as Deserialize>::deserialize(d)?;
                    Self::from_slice(&bytes).ok_or_else(wrong)
                }
            }
        }
    };
}
pub(crate) use bytes_id;

bytes_id!(
    /// An account: 128 bits of a hash over its owner's key and a nonce ([`crate::Claim::account`]),
    /// so that nobody else can claim it. In the backup repository, and at the sites.
    AccountId, 16
);
bytes_id!(
    /// A fleet, for life: chosen at its first ceremony, kept over all epochs.
    FleetId, 16
);
bytes_id!(
    /// SHA-256 of the JCS form of a validation bundle.
    BundleId, 32
);
bytes_id!(
    /// One client session with one site.
    SessionId, 16
);
bytes_id!(
    /// One guess: SHA-256 of everything that its asker signed ([`crate::Try::id`]).
    TryId, 32
);
bytes_id!(
    /// One place for a guess of an account: SHA-256 over account, round and slot. Hides which
    /// account it is of.
    SlotId, 32
);
bytes_id!(
    /// SHA-256 over the public keys, threshold and policy of a fleet
    /// ([`crate::Bundle::keys_digest`]): what every label of the protocol binds.
    KeysDigest, 32
);
bytes_id!(
    /// Ed25519 public key that signs a site's votes, from one start of its program to the next.
    VoteKey, 32
);
bytes_id!(
    /// Ed25519 public key that an account's tries are signed with. Sites know it; nobody who merely
    /// knows the account does.
    AccessKey, 32
);
bytes_id!(
    /// Salted SHA-256 of an [`AccessKey`], in its place where the owner signs and others look.
    AccessCommitment, 32
);
bytes_id!(
    /// A P-256 point, SEC1 uncompressed: `04 || x || y`. Not checked to be on the curve.
    Point, 65
);

/// A site's place in its fleet, from 1. Also the x-coordinate of its share.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteIndex(pub u8);

impl SiteIndex {
    /// The DNS name in the certificate by which a site shows itself to its peers. It is never
    /// looked up.
    pub fn peer_name(self) -> String {
        format!("site-{self}.peer.keepsake")
    }
}

impl fmt::Display for SiteIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A registration's number within its account, from 1.
pub type Version = u32;

/// Number of ended rounds of an account: tries are counted within one.
pub type Round = u64;

/// A place for one guess within a round, from 1.
pub type Slot = u8;
