//! Algorithm numbers and which of them this emulator carries out.
//!
//! Source: `yh_algorithm` in `yubihsm.h` (the table on docs.yubico.com has misprints).

use crate::device_error::DeviceError;
use crate::firmware::Firmware;

pub const EC_P256: u8 = 12;
pub const EC_ECDH: u8 = 24;
pub const AES128_CCM_WRAP: u8 = 29;
pub const OPAQUE_DATA: u8 = 30;
pub const OPAQUE_X509_CERTIFICATE: u8 = 31;
pub const AES128_YUBICO_AUTHENTICATION: u8 = 38;
pub const AES192_CCM_WRAP: u8 = 41;
pub const AES256_CCM_WRAP: u8 = 42;
pub const EC_ECDSA_SHA256: u8 = 43;

/// What a device with every other algorithm turned off would still do.
const EMULATED: [u8; 9] = [
    EC_P256,
    EC_ECDH,
    AES128_CCM_WRAP,
    OPAQUE_DATA,
    OPAQUE_X509_CERTIFICATE,
    AES128_YUBICO_AUTHENTICATION,
    AES192_CCM_WRAP,
    AES256_CCM_WRAP,
    EC_ECDSA_SHA256,
];

pub fn is_emulated(algorithm: u8) -> bool {
    EMULATED.contains(&algorithm)
}

/// Accepts `algorithm` if it is one of `suitable`; otherwise says whether it is turned off or makes no sense here.
pub fn require(algorithm: u8, suitable: &[u8], firmware: Firmware) -> Result<(), DeviceError> {
    if suitable.contains(&algorithm) {
        Ok(())
    } else if is_emulated(algorithm) || algorithm == 0 || algorithm > firmware.last_algorithm() {
        Err(DeviceError::InvalidData)
    } else {
        Err(DeviceError::AlgorithmDisabled)
    }
}

/// Bytes of a wrap key.
pub fn wrap_key_length(algorithm: u8) -> Result<usize, DeviceError> {
    match algorithm {
        AES128_CCM_WRAP => Ok(16),
        AES192_CCM_WRAP => Ok(24),
        AES256_CCM_WRAP => Ok(32),
        _ => Err(DeviceError::InvalidData),
    }
}
