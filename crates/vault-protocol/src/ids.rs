//! Fixed-size identifiers. Text form is lower-case hex.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            pub const LEN: usize = $len;

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
    /// An account: random, kept in the backup repository, so that a stranger cannot burn a person's tries.
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
    /// SHA-256 of everything that an account's secrets are bound to ([`crate::Bundle::keys_digest`]).
    KeysDigest, 32
);
bytes_id!(
    /// One client session with one site.
    SessionId, 16
);
bytes_id!(
    /// One guess: H(blinded element, account, version). The same alpha is the same try.
    TryId, 32
);
bytes_id!(
    /// A P-256 point, SEC1 uncompressed: `04 || x || y`. Not checked to be on the curve.
    Point, 65
);

/// A site's place in its fleet, from 1. Also the x-coordinate of its share.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteIndex(pub u8);

impl fmt::Display for SiteIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A registration's number within its account, from 1.
pub type Version = u32;
