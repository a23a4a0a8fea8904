//! What every device of a fleet must show, and is made to: ids, capabilities, commands and which of
//! them are audited (spec/evidence.md section 3). Ids and bits: developers.yubico.com/YubiHSM2,
//! `yubihsm.h`.

pub mod capability;
pub mod command;
mod commands;
mod ids;
mod keys;

pub use capability::{CHANGE_AUTHENTICATION_KEY, OPERATIONAL_CAPABILITIES, STATEMENT_CAPABILITIES};
pub use commands::{
    Audit, COMMANDS, Command, NEWEST_FIRMWARE, changes_nothing, command_of, is_known_firmware,
    required_audit,
};
pub use ids::*;
pub use keys::KeyRole;

/// `AUTHENTICATION_KEY` of Yubico's object types: a login.
pub const TYPE_AUTHENTICATION_KEY: u8 = 2;
/// `ASYMMETRIC_KEY` of Yubico's object types.
pub const TYPE_ASYMMETRIC_KEY: u8 = 3;
/// `WRAP_KEY` of Yubico's object types.
pub const TYPE_WRAP_KEY: u8 = 4;
/// `EC_P256` of Yubico's algorithms.
pub const ALGORITHM_EC_P256: u8 = 12;
/// `AES128_YUBICO_AUTHENTICATION` of Yubico's algorithms.
pub const ALGORITHM_AES128_YUBICO_AUTHENTICATION: u8 = 38;

/// Made inside the device and never imported.
pub const ORIGIN_GENERATED: u8 = 0x01;
/// Generated on another device and imported under wrap.
pub const ORIGIN_GENERATED_IMPORTED_WRAPPED: u8 = 0x11;

/// Option level "on until the next factory reset".
pub const LEVEL_FIX: u8 = 2;
