//! One object: its properties and its secret.

use super::{Label, material};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::secret::Secret;

/// Bytes of delegated capabilities, stored with authentication and wrap keys.
pub(super) const DELEGATED_LENGTH: usize = 8;

macro_rules! object_types {
    ($($number:literal $name:ident,)*) => {
        /// The kinds of object (`yh_object_type`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub(crate) enum ObjectType { $($name = $number),* }

        impl ObjectType {
            /// # Errors
            /// `INVALID_DATA`
            pub(crate) fn from_byte(byte: u8) -> Result<Self, DeviceError> {
                match byte { $($number => Ok(Self::$name),)* _ => Err(DeviceError::InvalidData) }
            }
        }
    };
}

object_types! {
    1 Opaque,
    2 AuthenticationKey,
    3 AsymmetricKey,
    4 WrapKey,
    5 HmacKey,
    6 Template,
    7 OtpAeadKey,
    8 SymmetricKey,
    9 PublicWrapKey,
}

impl ObjectType {
    /// Authentication and wrap keys carry delegated capabilities.
    pub(crate) fn has_delegated(self) -> bool {
        matches!(self, Self::AuthenticationKey | Self::WrapKey | Self::PublicWrapKey)
    }

    /// The algorithms an object of this type may have.
    fn algorithms(self) -> &'static [u8] {
        use algorithm::*;
        match self {
            Self::Opaque => &[OPAQUE_DATA, OPAQUE_X509_CERTIFICATE],
            Self::AuthenticationKey => {
                &[AES128_YUBICO_AUTHENTICATION, EC_P256_YUBICO_AUTHENTICATION]
            }
            Self::AsymmetricKey => &[
                RSA_2048, RSA_3072, RSA_4096, EC_P224, EC_P256, EC_P384, EC_P521, EC_K256,
                EC_BP256, EC_BP384, EC_BP512, EC_ED25519,
            ],
            Self::WrapKey => {
                &[AES128_CCM_WRAP, AES192_CCM_WRAP, AES256_CCM_WRAP, RSA_2048, RSA_3072, RSA_4096]
            }
            Self::HmacKey => &HMAC,
            Self::Template => &[TEMPLATE_SSH],
            Self::OtpAeadKey => &[AES128_YUBICO_OTP, AES192_YUBICO_OTP, AES256_YUBICO_OTP],
            Self::SymmetricKey => &[AES128, AES192, AES256],
            Self::PublicWrapKey => &RSA,
        }
    }

    /// Checks that `firmware` has objects of this type with this algorithm.
    ///
    /// # Errors
    /// `INVALID_DATA`
    pub(crate) fn require(self, algorithm: u8, firmware: Firmware) -> Result<(), DeviceError> {
        let known = algorithm::is_known(algorithm, firmware);
        // RSA keys wrap since 2.4.0.
        let too_early = self == Self::WrapKey
            && algorithm::RSA.contains(&algorithm)
            && firmware < Firmware::V2_4_0;
        let suits = known && self.algorithms().contains(&algorithm) && !too_early;
        if suits { Ok(()) } else { Err(DeviceError::InvalidData) }
    }
}

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
