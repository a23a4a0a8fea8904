//! The keys of a device, and what each may be used for.

use super::capability::{DERIVE_ECDH, EXPORTABLE_UNDER_WRAP, SIGN_ECDSA};
use super::ids::{FLEET_KEY, OPRF_KEY, RECEIPT_KEY, SEAL_KEY, SESSION_KEY};

/// The five keys of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyRole {
    /// Evaluates codes: ECDH.
    Oprf,
    /// Opens boxes: ECDH.
    Seal,
    /// Shared by the fleet: shows that its sites belong together.
    Fleet,
    /// Signs what the site says: ECDSA.
    Receipt,
    /// Opens sessions: ECDH.
    Session,
}

impl KeyRole {
    /// All of them, in the order of their object numbers.
    pub const ALL: [Self; 5] = [Self::Oprf, Self::Seal, Self::Fleet, Self::Receipt, Self::Session];

    /// Object id.
    pub fn id(self) -> u16 {
        match self {
            Self::Oprf => OPRF_KEY,
            Self::Seal => SEAL_KEY,
            Self::Fleet => FLEET_KEY,
            Self::Receipt => RECEIPT_KEY,
            Self::Session => SESSION_KEY,
        }
    }

    /// As it stands in labels and in names of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Oprf => "oprf",
            Self::Seal => "seal",
            Self::Fleet => "fleet",
            Self::Receipt => "receipt",
            Self::Session => "session",
        }
    }

    /// Exactly these bits. The fleet key keeps the bit under which it was copied; no login that
    /// stays can use it.
    pub fn capabilities(self) -> u64 {
        match self {
            Self::Oprf | Self::Seal | Self::Session => DERIVE_ECDH,
            Self::Fleet => DERIVE_ECDH | EXPORTABLE_UNDER_WRAP,
            Self::Receipt => SIGN_ECDSA,
        }
    }

    /// The role of an object id.
    pub fn of(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}
