//! Capability bits, by their numbers in `yubihsm.h`.

pub(crate) const ALL: u64 = u64::MAX;
pub(crate) const GET_OPAQUE: u64 = 1;
pub(crate) const SIGN_PKCS: u64 = 1 << 0x05;
pub(crate) const SIGN_PSS: u64 = 1 << 0x06;
pub(crate) const SIGN_ECDSA: u64 = 1 << 0x07;
pub(crate) const SIGN_EDDSA: u64 = 1 << 0x08;
pub(crate) const DECRYPT_PKCS: u64 = 1 << 0x09;
pub(crate) const DECRYPT_OAEP: u64 = 1 << 0x0a;
pub(crate) const DERIVE_ECDH: u64 = 1 << 0x0b;
pub(crate) const EXPORT_WRAPPED: u64 = 1 << 0x0c;
pub(crate) const IMPORT_WRAPPED: u64 = 1 << 0x0d;
pub(crate) const EXPORTABLE: u64 = 1 << 0x10;
pub(crate) const SIGN_HMAC: u64 = 1 << 0x16;
pub(crate) const VERIFY_HMAC: u64 = 1 << 0x17;
pub(crate) const SIGN_SSH: u64 = 1 << 0x19;
pub(crate) const OTP: u64 = 0xf << 0x1d | 1 << 0x21;
pub(crate) const SIGN_ATTESTATION: u64 = 1 << 0x22;
pub(crate) const WRAP_DATA: u64 = 1 << 0x25;
pub(crate) const UNWRAP_DATA: u64 = 1 << 0x26;
pub(crate) const CHANGE_AUTHENTICATION_KEY: u64 = 1 << 0x2e;
pub(crate) const AES: u64 = 0xf << 0x32;
