//! Ids of the objects of a device, and the domains that they are in.

/// Factory login with every power; deleted at the end of the ceremony.
pub const DEFAULT_AUTH_KEY: u16 = 0x0001;
/// Login that the site works with.
pub const OPERATIONAL_AUTH_KEY: u16 = 0x0201;
/// Login that makes device statements: it makes, attests and deletes powerless keys, and nothing
/// else.
pub const STATEMENT_AUTH_KEY: u16 = 0x0202;
/// The factory's attestation key; certificates by any other key are refused.
pub const FACTORY_ATTESTATION_KEY: u16 = 0x0000;

/// Of [`KeyRole::Oprf`](super::KeyRole::Oprf).
pub const OPRF_KEY: u16 = 0x0101;
/// Of [`KeyRole::Seal`](super::KeyRole::Seal).
pub const SEAL_KEY: u16 = 0x0102;
/// Of [`KeyRole::Fleet`](super::KeyRole::Fleet).
pub const FLEET_KEY: u16 = 0x0103;
/// Of [`KeyRole::Receipt`](super::KeyRole::Receipt).
pub const RECEIPT_KEY: u16 = 0x0104;
/// Of [`KeyRole::Session`](super::KeyRole::Session).
pub const SESSION_KEY: u16 = 0x0105;
/// Copies the fleet key between devices; deleted in the ceremony.
pub const WRAP_KEY: u16 = 0x0301;
/// The throw-away key of a device statement.
pub const STATEMENT_KEY: u16 = 0x0401;

/// Domain 1, as a bit set.
pub const KEY_DOMAINS: u16 = 0x0001;
/// Domain 2, as a bit set: throw-away statement keys and their login.
pub const STATEMENT_DOMAINS: u16 = 0x0002;
