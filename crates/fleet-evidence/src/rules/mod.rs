//! The numbers that every device of a fleet must show (spec/evidence.md section 3).
//! Ids and bits: developers.yubico.com/YubiHSM2, `yubihsm.h`.

mod commands;

pub use commands::{
    Audit, COMMANDS, Command, NEWEST_FIRMWARE, changes_nothing, command_of, is_known_firmware, required_audit,
};

/// Factory login with every power; deleted at the end of the ceremony.
pub const DEFAULT_AUTH_KEY: u16 = 0x0001;
/// Login that the site works with.
pub const OPERATIONAL_AUTH_KEY: u16 = 0x0201;
/// Login that makes device statements.
pub const STATEMENT_AUTH_KEY: u16 = 0x0202;
/// Copies the fleet key between devices; deleted in the ceremony.
pub const WRAP_KEY: u16 = 0x0301;
/// The throw-away key of a device statement.
pub const STATEMENT_KEY: u16 = 0x0401;
/// The factory's attestation key; certificates by any other key are refused.
pub const FACTORY_ATTESTATION_KEY: u16 = 0x0000;

/// Domain 1, as a bit set.
pub const KEY_DOMAINS: u16 = 0x0001;
/// Domain 2, as a bit set: throw-away statement keys and their login.
pub const STATEMENT_DOMAINS: u16 = 0x0002;

pub const TYPE_AUTHENTICATION_KEY: u8 = 2;
pub const TYPE_ASYMMETRIC_KEY: u8 = 3;
pub const ALGORITHM_EC_P256: u8 = 12;
pub const ALGORITHM_AES128_YUBICO_AUTHENTICATION: u8 = 38;

pub const ORIGIN_GENERATED: u8 = 0x01;
/// Generated on another device and imported under wrap.
pub const ORIGIN_GENERATED_IMPORTED_WRAPPED: u8 = 0x11;

const GENERATE_ASYMMETRIC_KEY: u64 = 1 << 0x04;
const SIGN_ECDSA: u64 = 1 << 0x07;
const DERIVE_ECDH: u64 = 1 << 0x0b;
const EXPORTABLE_UNDER_WRAP: u64 = 1 << 0x10;
const GET_OPTION: u64 = 1 << 0x12;
const GET_PSEUDO_RANDOM: u64 = 1 << 0x13;
const GET_LOG_ENTRIES: u64 = 1 << 0x18;
const SIGN_ATTESTATION_CERTIFICATE: u64 = 1 << 0x22;
const DELETE_ASYMMETRIC_KEY: u64 = 1 << 0x29;
/// Every login must have it: with it a site gives the login a key that the ceremony never had. It reaches no other login
/// than the session's own.
pub const CHANGE_AUTHENTICATION_KEY: u64 = 1 << 0x2e;

/// Everything that the operational login may be able to do; it may have less.
pub const OPERATIONAL_CAPABILITIES: u64 =
    DERIVE_ECDH | SIGN_ECDSA | GET_LOG_ENTRIES | GET_OPTION | GET_PSEUDO_RANDOM | CHANGE_AUTHENTICATION_KEY;
/// Everything that the statement login may be able to do.
pub const STATEMENT_CAPABILITIES: u64 =
    GENERATE_ASYMMETRIC_KEY | DELETE_ASYMMETRIC_KEY | SIGN_ATTESTATION_CERTIFICATE | CHANGE_AUTHENTICATION_KEY;

/// Option level "on until the next factory reset".
pub const LEVEL_FIX: u8 = 2;

/// Codes of the commands that a ceremony or a site sends.
pub mod command {
    pub const BOOT: u8 = 0x00;
    pub const CREATE_SESSION: u8 = 0x03;
    pub const AUTHENTICATE_SESSION: u8 = 0x04;
    pub const PUT_OPAQUE: u8 = 0x42;
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
    pub const GENERATE_WRAP_KEY: u8 = 0x5b;
    pub const SIGN_ATTESTATION_CERTIFICATE: u8 = 0x64;
    pub const WRAP_DATA: u8 = 0x68;
    pub const UNWRAP_DATA: u8 = 0x69;
    pub const CHANGE_AUTHENTICATION_KEY: u8 = 0x6c;
}

/// The five keys of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyRole {
    Oprf,
    Seal,
    Fleet,
    Receipt,
    Session,
}

impl KeyRole {
    pub const ALL: [Self; 5] = [Self::Oprf, Self::Seal, Self::Fleet, Self::Receipt, Self::Session];

    /// Object id.
    pub fn id(self) -> u16 {
        match self {
            Self::Oprf => 0x0101,
            Self::Seal => 0x0102,
            Self::Fleet => 0x0103,
            Self::Receipt => 0x0104,
            Self::Session => 0x0105,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Oprf => "oprf",
            Self::Seal => "seal",
            Self::Fleet => "fleet",
            Self::Receipt => "receipt",
            Self::Session => "session",
        }
    }

    /// Exactly these bits. The fleet key keeps the bit under which it was copied; no login that stays can use it.
    pub fn capabilities(self) -> u64 {
        match self {
            Self::Oprf | Self::Seal | Self::Session => DERIVE_ECDH,
            Self::Fleet => DERIVE_ECDH | EXPORTABLE_UNDER_WRAP,
            Self::Receipt => SIGN_ECDSA,
        }
    }

    /// The role of an object id.
    pub fn of(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}
