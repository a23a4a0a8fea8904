//! The files of one device.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `device-info.json`: the answer to Get Device Info.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceInfo {
    /// The device's serial number.
    pub serial: u32,
    /// Such as `2.4.0`.
    pub firmware: String,
}

/// One object as Get Object Info describes it; `objects.json` and `auth-keys.json` are lists of
/// these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectEntry {
    /// The object's number.
    pub id: u16,
    /// Object type number; 2 is a login, 3 an asymmetric key, 4 a wrap key.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Yubico's number of the algorithm.
    pub algorithm: u8,
    /// 16 hex digits.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub capabilities: u64,
    /// 16 hex digits; zero unless a login or a wrap key.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub delegated_capabilities: u64,
    /// Bit set; bit 0 is domain 1.
    pub domains: u16,
    /// Bits: 1 generated, 2 imported, 16 imported under wrap.
    pub origin: u8,
    /// The object's label, at most 40 characters.
    pub label: String,
}

/// `options.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// 0 off, 1 on, 2 fixed until the next factory reset.
    pub force_audit: u8,
    /// For which commands uses are logged.
    pub command_audit: Vec<CommandAudit>,
}

/// The audit level of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandAudit {
    /// The command's code.
    pub command: u8,
    /// 0 off, 1 on, 2 fixed until the next factory reset.
    pub level: u8,
}

/// `audit-log.json`: every entry from the factory reset to the end of the ceremony, as Get Log
/// Entries gave them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditLog {
    /// Starts of the device that found no room in the log.
    pub unlogged_boots: u16,
    /// Sessions that were opened and found no room in the log.
    pub unlogged_authentications: u16,
    /// 64 hex digits each: 16 bytes of fields and 16 of digest.
    #[serde(with = "hex_entries")]
    pub entries: Vec<[u8; 32]>,
}

/// `build.json`: which program the sites run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildInfo {
    /// Version of vault-server.
    pub version: String,
    /// SHA-256 of the vault-server executable, 64 hex digits.
    pub vault_server_sha256: String,
    /// Where its source is: a commit or an archive's digest.
    pub source: String,
}

fn to_hex<S: Serializer>(bits: &u64, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&format!("{bits:016x}"))
}

fn from_hex<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    let bytes: [u8; 8] = hex::serde::deserialize(d)?;
    Ok(u64::from_be_bytes(bytes))
}

mod hex_entries {
    use super::*;

    pub(super) fn serialize<S: Serializer>(entries: &[[u8; 32]], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(entries.iter().map(hex::encode))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<[u8; 32]>, D::Error> {
        let texts = <Vec<String> as Deserialize>::deserialize(d)?;
        let entry = |t: &String| crate::trust::hex32(t);
        let wrong = || serde::de::Error::custom("an entry is not 64 hex digits");
        texts.iter().map(entry).collect::<Option<_>>().ok_or_else(wrong)
    }
}
