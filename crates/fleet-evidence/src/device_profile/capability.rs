//! Capability bits (yubihsm.h, `yh_capability`), and those that the two logins may have.

/// Make a key pair inside the device.
pub const GENERATE_ASYMMETRIC_KEY: u64 = 1 << 0x04;
/// Sign a digest with ECDSA.
pub const SIGN_ECDSA: u64 = 1 << 0x07;
/// Multiply a point with a private key: ECDH.
pub const DERIVE_ECDH: u64 = 1 << 0x0b;
/// Give a key out, wrapped.
pub const EXPORT_WRAPPED: u64 = 1 << 0x0c;
/// Take a wrapped key in.
pub const IMPORT_WRAPPED: u64 = 1 << 0x0d;
/// May be given out wrapped.
pub const EXPORTABLE_UNDER_WRAP: u64 = 1 << 0x10;
/// Read how the device is set.
pub const GET_OPTION: u64 = 1 << 0x12;
/// Draw random bytes.
pub const GET_PSEUDO_RANDOM: u64 = 1 << 0x13;
/// Read the audit log.
pub const GET_LOG_ENTRIES: u64 = 1 << 0x18;
/// Attest a key with another key of the device.
pub const SIGN_ATTESTATION_CERTIFICATE: u64 = 1 << 0x22;
/// Delete a key pair.
pub const DELETE_ASYMMETRIC_KEY: u64 = 1 << 0x29;
/// Every login must have it: with it a site gives the login a key that the ceremony never had. It
/// reaches no other login than the session's own.
pub const CHANGE_AUTHENTICATION_KEY: u64 = 1 << 0x2e;

/// Everything that the operational login may be able to do; it may have less.
pub const OPERATIONAL_CAPABILITIES: u64 = DERIVE_ECDH
    | SIGN_ECDSA
    | GET_LOG_ENTRIES
    | GET_OPTION
    | GET_PSEUDO_RANDOM
    | CHANGE_AUTHENTICATION_KEY;
/// Everything that the statement login may be able to do.
pub const STATEMENT_CAPABILITIES: u64 = GENERATE_ASYMMETRIC_KEY
    | DELETE_ASYMMETRIC_KEY
    | SIGN_ATTESTATION_CERTIFICATE
    | CHANGE_AUTHENTICATION_KEY;
