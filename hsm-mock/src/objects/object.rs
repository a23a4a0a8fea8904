//! One object: its properties and its secret.

use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use serde::{Deserialize, Serialize};

use super::Label;
use crate::algorithm;
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::secret::Secret;

/// Bytes of delegated capabilities, stored with authentication and wrap keys.
pub const DELEGATED_LENGTH: usize = 8;
/// Bytes of a P-256 private key integer.
const P256_PRIVATE: usize = 32;
/// Bytes of a P-256 public point, x || y.
const P256_PUBLIC: usize = 64;
/// The encryption and the MAC key of an authentication key.
const AUTHENTICATION_KEYS: usize = 32;

/// The kinds of object. Only the first four can exist in this emulator; the others can be asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum ObjectType {
    Opaque = 1,
    AuthenticationKey = 2,
    AsymmetricKey = 3,
    WrapKey = 4,
    HmacKey = 5,
    Template = 6,
    OtpAeadKey = 7,
    SymmetricKey = 8,
    PublicWrapKey = 9,
}

impl ObjectType {
    pub fn from_byte(byte: u8) -> Result<Self, DeviceError> {
        Ok(match byte {
            1 => Self::Opaque,
            2 => Self::AuthenticationKey,
            3 => Self::AsymmetricKey,
            4 => Self::WrapKey,
            5 => Self::HmacKey,
            6 => Self::Template,
            7 => Self::OtpAeadKey,
            8 => Self::SymmetricKey,
            9 => Self::PublicWrapKey,
            _ => return Err(DeviceError::InvalidData),
        })
    }

    /// Authentication and wrap keys carry delegated capabilities.
    pub fn has_delegated(self) -> bool {
        matches!(self, Self::AuthenticationKey | Self::WrapKey)
    }

    /// The algorithms an object of this type may have here.
    pub fn algorithms(self) -> &'static [u8] {
        match self {
            Self::Opaque => &[algorithm::OPAQUE_DATA, algorithm::OPAQUE_X509_CERTIFICATE],
            Self::AuthenticationKey => &[algorithm::AES128_YUBICO_AUTHENTICATION],
            Self::AsymmetricKey => &[algorithm::EC_P256],
            Self::WrapKey => &[
                algorithm::AES128_CCM_WRAP,
                algorithm::AES192_CCM_WRAP,
                algorithm::AES256_CCM_WRAP,
            ],
            _ => &[],
        }
    }
}

/// How an object came to be: one of two ways, and perhaps under wrap since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Origin(u8);

impl Origin {
    pub const GENERATED: Self = Self(0x01);
    pub const IMPORTED: Self = Self(0x02);
    const WRAPPED: u8 = 0x10;

    /// Reads the origin in a wrapped object.
    pub fn from_byte(byte: u8) -> Result<Self, DeviceError> {
        match byte & !Self::WRAPPED {
            0x01 | 0x02 => Ok(Self(byte)),
            _ => Err(DeviceError::InvalidData),
        }
    }

    pub fn byte(self) -> u8 {
        self.0
    }

    /// The same, imported under wrap.
    pub fn under_wrap(self) -> Self {
        Self(self.0 | Self::WRAPPED)
    }
}

/// An object in the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
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
    /// Private key integer, `K-ENC || K-MAC`, wrap key, or opaque data.
    pub secret: Secret,
}

impl Object {
    /// The secret fits the type and algorithm.
    pub fn check(&self, firmware: Firmware) -> Result<(), DeviceError> {
        algorithm::require(self.algorithm, self.kind.algorithms(), firmware)?;
        if self.domains == 0 {
            return Err(DeviceError::InvalidData);
        }
        let length = self.secret.expose().len();
        match self.kind {
            ObjectType::AsymmetricKey => {
                require_length(length, P256_PRIVATE)?;
                self.p256_key().map(|_| ())
            }
            ObjectType::AuthenticationKey => require_length(length, AUTHENTICATION_KEYS),
            ObjectType::WrapKey => {
                require_length(length, algorithm::wrap_key_length(self.algorithm)?)
            }
            ObjectType::Opaque if length == 0 => Err(DeviceError::WrongLength),
            ObjectType::Opaque => Ok(()),
            _ => Err(DeviceError::AlgorithmDisabled),
        }
    }

    /// The private key of an EC P-256 object.
    pub fn p256_key(&self) -> Result<SecretKey, DeviceError> {
        if self.algorithm != algorithm::EC_P256 {
            return Err(DeviceError::InvalidData);
        }
        SecretKey::from_slice(self.secret.expose()).map_err(|_| DeviceError::InvalidData)
    }

    /// The public point of an EC P-256 object, x || y.
    pub fn p256_point(&self) -> Result<Vec<u8>, DeviceError> {
        let point = self.p256_key()?.public_key().to_encoded_point(false);
        Ok(point.as_bytes()[1..].to_vec())
    }

    /// The size the device reports: an EC key counts its public point too, keys with delegated capabilities those.
    pub fn size(&self) -> u16 {
        let extra = match self.kind {
            ObjectType::AsymmetricKey => P256_PUBLIC,
            kind if kind.has_delegated() => DELEGATED_LENGTH,
            _ => 0,
        };
        // Objects are bounded by the message buffer (3,136 bytes).
        u16::try_from(self.secret.expose().len() + extra).unwrap_or(u16::MAX)
    }
}

fn require_length(length: usize, expected: usize) -> Result<(), DeviceError> {
    if length == expected { Ok(()) } else { Err(DeviceError::WrongLength) }
}
