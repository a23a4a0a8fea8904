//! Capabilities: what an object or a session may do, as 64 bits.
//!
//! Source: `yh_capability[]` in `yubihsm.h`.

use serde::{Deserialize, Serialize};

/// A set of capability bits, big endian on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Capabilities(pub u64);

impl Capabilities {
    pub const NONE: Self = Self(0);
    /// Every bit, those without a meaning too: what the factory authentication key has.
    pub const ALL: Self = Self(u64::MAX);
    pub const GET_OPAQUE: Self = Self(1);
    pub const PUT_OPAQUE: Self = Self(1 << 0x01);
    pub const PUT_AUTHENTICATION_KEY: Self = Self(1 << 0x02);
    pub const PUT_ASYMMETRIC_KEY: Self = Self(1 << 0x03);
    pub const GENERATE_ASYMMETRIC_KEY: Self = Self(1 << 0x04);
    pub const SIGN_ECDSA: Self = Self(1 << 0x07);
    pub const DERIVE_ECDH: Self = Self(1 << 0x0b);
    pub const EXPORT_WRAPPED: Self = Self(1 << 0x0c);
    pub const IMPORT_WRAPPED: Self = Self(1 << 0x0d);
    pub const PUT_WRAP_KEY: Self = Self(1 << 0x0e);
    pub const GENERATE_WRAP_KEY: Self = Self(1 << 0x0f);
    pub const EXPORTABLE_UNDER_WRAP: Self = Self(1 << 0x10);
    pub const SET_OPTION: Self = Self(1 << 0x11);
    pub const GET_OPTION: Self = Self(1 << 0x12);
    pub const GET_PSEUDO_RANDOM: Self = Self(1 << 0x13);
    pub const GET_LOG_ENTRIES: Self = Self(1 << 0x18);
    pub const RESET_DEVICE: Self = Self(1 << 0x1c);
    pub const SIGN_ATTESTATION_CERTIFICATE: Self = Self(1 << 0x22);
    pub const WRAP_DATA: Self = Self(1 << 0x25);
    pub const UNWRAP_DATA: Self = Self(1 << 0x26);
    pub const DELETE_OPAQUE: Self = Self(1 << 0x27);
    pub const DELETE_AUTHENTICATION_KEY: Self = Self(1 << 0x28);
    pub const DELETE_ASYMMETRIC_KEY: Self = Self(1 << 0x29);
    pub const DELETE_WRAP_KEY: Self = Self(1 << 0x2a);
    pub const CHANGE_AUTHENTICATION_KEY: Self = Self(1 << 0x2e);

    /// Has every bit of `needed`.
    pub fn contains(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// Shares at least one bit with `other`.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
