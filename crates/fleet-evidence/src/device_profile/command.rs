//! Codes of the commands that a ceremony or a site sends.

/// No command: power came on.
pub const BOOT: u8 = 0x00;
/// Create Session.
pub const CREATE_SESSION: u8 = 0x03;
/// Authenticate Session.
pub const AUTHENTICATE_SESSION: u8 = 0x04;
/// Put Authentication Key.
pub const PUT_AUTHENTICATION_KEY: u8 = 0x44;
/// Put Asymmetric Key.
pub const PUT_ASYMMETRIC_KEY: u8 = 0x45;
/// Generate Asymmetric Key.
pub const GENERATE_ASYMMETRIC_KEY: u8 = 0x46;
/// Export Wrapped.
pub const EXPORT_WRAPPED: u8 = 0x4a;
/// Import Wrapped.
pub const IMPORT_WRAPPED: u8 = 0x4b;
/// Put Wrap Key.
pub const PUT_WRAP_KEY: u8 = 0x4c;
/// Set Option.
pub const SET_OPTION: u8 = 0x4f;
/// Sign ECDSA.
pub const SIGN_ECDSA: u8 = 0x56;
/// Derive ECDH.
pub const DERIVE_ECDH: u8 = 0x57;
/// Delete Object.
pub const DELETE_OBJECT: u8 = 0x58;
/// Sign Attestation Certificate.
pub const SIGN_ATTESTATION_CERTIFICATE: u8 = 0x64;
/// Change Authentication Key.
pub const CHANGE_AUTHENTICATION_KEY: u8 = 0x6c;
