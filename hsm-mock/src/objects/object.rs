//! One object: its properties and its secret.

use super::{Label, ObjectType, material};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::secret::Secret;

/// Bytes of delegated capabilities, stored with authentication and wrap keys.
pub(super) const DELEGATED_LENGTH: usize = 8;

/// How an object came to be: one of two ways, and perhaps under wrap since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin(u8);

impl Origin {
    pub(crate) const GENERATED: Self = Self(0x01);
    pub(crate) const IMPORTED: Self = Self(0x02);
    const WRAPPED: u8 = 0x10;

    /// Reads the origin in a wrapped object.
    pub(crate) fn from_byte(byte: u8) -> Result<Self, DeviceError> {
        match byte & !Self::WRAPPED {
            0x01 | 0x02 => Ok(Self(byte)),
            _ => Err(DeviceError::InvalidData),
        }
    }

    pub(crate) fn byte(self) -> u8 {
        self.0
    }

    /// The same, imported under wrap.
    pub(crate) fn under_wrap(self) -> Self {
        Self(self.0 | Self::WRAPPED)
    }
}

/// An object in the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub id: u16,
    pub kind: ObjectType,
    pub algorithm: u8,
    pub label: Label,
    /// One bit a domain, domain 1 the lowest.
    pub domains: u16,
    pub capabilities: Capabilities,
    /// None unless [`ObjectType::has_delegated`].
    pub delegated: Capabilities,
    /// How often this id and type were used before.
    pub sequence: u8,
    pub origin: Origin,
    /// As the device stores and wraps it: see [`material`].
    pub secret: Secret,
}

impl Object {
    /// An object that only takes a page, in domain 16.
    pub(crate) fn filler() -> Self {
        Self {
            id: 0,
            kind: ObjectType::Opaque,
            algorithm: algorithm::OPAQUE_DATA,
            label: Label::from_text("filler"),
            domains: 1 << 15,
            capabilities: Capabilities::NONE,
            delegated: Capabilities::NONE,
            sequence: 0,
            origin: Origin::IMPORTED,
            secret: Secret::new([0]),
        }
    }

    /// The secret fits the type and algorithm.
    ///
    /// # Errors
    /// `INVALID_DATA`, `WRONG_LENGTH`
    pub(crate) fn check(&self, firmware: Firmware) -> Result<(), DeviceError> {
        self.kind.require(self.algorithm, firmware)?;
        if self.domains == 0 {
            return Err(DeviceError::InvalidData);
        }
        material::check(self.kind, self.algorithm, self.secret.expose())
    }

    /// The size the device reports: what it stores, delegated capabilities among it (measured for
    /// every algorithm on firmware 2.5.0).
    pub(crate) fn size(&self) -> u16 {
        let delegated = if self.kind.has_delegated() { DELEGATED_LENGTH } else { 0 };
        // Objects are bounded by the message buffer (3,136 bytes).
        u16::try_from(self.secret.expose().len() + delegated).unwrap_or(u16::MAX)
    }
}
