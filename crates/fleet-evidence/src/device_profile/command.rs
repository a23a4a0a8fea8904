//! Codes of the commands that a ceremony or a site sends.

pub const BOOT: u8 = 0x00;
pub const CREATE_SESSION: u8 = 0x03;
pub const AUTHENTICATE_SESSION: u8 = 0x04;
pub const PUT_AUTHENTICATION_KEY: u8 = 0x44;
pub const PUT_ASYMMETRIC_KEY: u8 = 0x45;
pub const GENERATE_ASYMMETRIC_KEY: u8 = 0x46;
pub const EXPORT_WRAPPED: u8 = 0x4a;
pub const IMPORT_WRAPPED: u8 = 0x4b;
pub const PUT_WRAP_KEY: u8 = 0x4c;
pub const SET_OPTION: u8 = 0x4f;
pub const SIGN_ECDSA: u8 = 0x56;
pub const DERIVE_ECDH: u8 = 0x57;
pub const DELETE_OBJECT: u8 = 0x58;
pub const SIGN_ATTESTATION_CERTIFICATE: u8 = 0x64;
pub const CHANGE_AUTHENTICATION_KEY: u8 = 0x6c;
