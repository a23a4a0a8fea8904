//! The kinds of object.

use crate::algorithm;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;

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
