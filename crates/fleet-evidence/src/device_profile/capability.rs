//! Capability bits (yubihsm.h, `yh_capability`), and those that the two logins may have.

pub const GENERATE_ASYMMETRIC_KEY: u64 = 1 << 0x04;
pub const SIGN_ECDSA: u64 = 1 << 0x07;
pub const DERIVE_ECDH: u64 = 1 << 0x0b;
pub const EXPORT_WRAPPED: u64 = 1 << 0x0c;
pub const IMPORT_WRAPPED: u64 = 1 << 0x0d;
pub const EXPORTABLE_UNDER_WRAP: u64 = 1 << 0x10;
pub const GET_OPTION: u64 = 1 << 0x12;
pub const GET_PSEUDO_RANDOM: u64 = 1 << 0x13;
pub const GET_LOG_ENTRIES: u64 = 1 << 0x18;
pub const SIGN_ATTESTATION_CERTIFICATE: u64 = 1 << 0x22;
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
