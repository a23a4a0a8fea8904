//! Capability bits, by their numbers in `yubihsm.h`.

pub const ALL: u64 = u64::MAX;
pub const GET_OPAQUE: u64 = 1;
pub const SIGN_PKCS: u64 = 1 << 0x05;
pub const SIGN_PSS: u64 = 1 << 0x06;
pub const SIGN_ECDSA: u64 = 1 << 0x07;
pub const SIGN_EDDSA: u64 = 1 << 0x08;
pub const DECRYPT_PKCS: u64 = 1 << 0x09;
pub const DECRYPT_OAEP: u64 = 1 << 0x0a;
pub const DERIVE_ECDH: u64 = 1 << 0x0b;
pub const EXPORT_WRAPPED: u64 = 1 << 0x0c;
pub const IMPORT_WRAPPED: u64 = 1 << 0x0d;
pub const EXPORTABLE: u64 = 1 << 0x10;
pub const SIGN_HMAC: u64 = 1 << 0x16;
pub const VERIFY_HMAC: u64 = 1 << 0x17;
pub const SIGN_SSH: u64 = 1 << 0x19;
pub const OTP: u64 = 0xf << 0x1d | 1 << 0x21;
pub const SIGN_ATTESTATION: u64 = 1 << 0x22;
pub const WRAP_DATA: u64 = 1 << 0x25;
pub const UNWRAP_DATA: u64 = 1 << 0x26;
pub const CHANGE_AUTHENTICATION_KEY: u64 = 1 << 0x2e;
pub const AES: u64 = 0xf << 0x32;
