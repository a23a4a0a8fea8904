//! Capabilities: what an object or a session may do, as 64 bits.
//!
//! Source: `yh_capability[]` in `yubihsm.h`.

/// A set of capability bits, big endian on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Capabilities(pub u64);

macro_rules! capabilities {
    ($($bit:literal $constant:ident,)*) => {
        impl Capabilities {
            $(#[allow(dead_code, reason = "the table is whole")]
            pub(crate) const $constant: Self = Self(1 << $bit);)*
        }
    };
}

capabilities! {
    0x00 GET_OPAQUE,
    0x01 PUT_OPAQUE,
    0x02 PUT_AUTHENTICATION_KEY,
    0x03 PUT_ASYMMETRIC_KEY,
    0x04 GENERATE_ASYMMETRIC_KEY,
    0x05 SIGN_PKCS,
    0x06 SIGN_PSS,
    0x07 SIGN_ECDSA,
    0x08 SIGN_EDDSA,
    0x09 DECRYPT_PKCS,
    0x0a DECRYPT_OAEP,
    0x0b DERIVE_ECDH,
    0x0c EXPORT_WRAPPED,
    0x0d IMPORT_WRAPPED,
    0x0e PUT_WRAP_KEY,
    0x0f GENERATE_WRAP_KEY,
    0x10 EXPORTABLE_UNDER_WRAP,
    0x11 SET_OPTION,
    0x12 GET_OPTION,
    0x13 GET_PSEUDO_RANDOM,
    0x14 PUT_HMAC_KEY,
    0x15 GENERATE_HMAC_KEY,
    0x16 SIGN_HMAC,
    0x17 VERIFY_HMAC,
    0x18 GET_LOG_ENTRIES,
    0x19 SIGN_SSH_CERTIFICATE,
    0x1a GET_TEMPLATE,
    0x1b PUT_TEMPLATE,
    0x1c RESET_DEVICE,
    0x1d DECRYPT_OTP,
    0x1e CREATE_OTP_AEAD,
    0x1f RANDOMIZE_OTP_AEAD,
    0x20 REWRAP_FROM_OTP_AEAD_KEY,
    0x21 REWRAP_TO_OTP_AEAD_KEY,
    0x22 SIGN_ATTESTATION_CERTIFICATE,
    0x23 PUT_OTP_AEAD_KEY,
    0x24 GENERATE_OTP_AEAD_KEY,
    0x25 WRAP_DATA,
    0x26 UNWRAP_DATA,
    0x27 DELETE_OPAQUE,
    0x28 DELETE_AUTHENTICATION_KEY,
    0x29 DELETE_ASYMMETRIC_KEY,
    0x2a DELETE_WRAP_KEY,
    0x2b DELETE_HMAC_KEY,
    0x2c DELETE_TEMPLATE,
    0x2d DELETE_OTP_AEAD_KEY,
    0x2e CHANGE_AUTHENTICATION_KEY,
    0x2f PUT_SYMMETRIC_KEY,
    0x30 GENERATE_SYMMETRIC_KEY,
    0x31 DELETE_SYMMETRIC_KEY,
    0x32 DECRYPT_ECB,
    0x33 ENCRYPT_ECB,
    0x34 DECRYPT_CBC,
    0x35 ENCRYPT_CBC,
    0x36 PUT_PUBLIC_WRAP_KEY,
    0x37 DELETE_PUBLIC_WRAP_KEY,
}

impl Capabilities {
    pub(crate) const NONE: Self = Self(0);
    /// Every bit, those without a meaning too: what the factory authentication key has.
    pub(crate) const ALL: Self = Self(u64::MAX);

    /// Has every bit of `needed`.
    pub(crate) fn contains(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// Shares at least one bit with `other`.
    pub(crate) fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
