//! Reads the device's answers whole: log, objects, options. An unknown id in a list is kept, never
//! an end of the list.
//!
//! Source: developers.yubico.com/YubiHSM2/Commands: Get Log Entries, List Objects, Get Option,
//! Device Info.

use super::{DeviceLog, HsmError};
use fleet_evidence::device_log::{Entry, check_chain};

/// Option tags (yubihsm.h, `yh_option`).
pub const FORCE_AUDIT: u8 = 0x01;
/// Which commands the log has to have.
pub const COMMAND_AUDIT: u8 = 0x03;

const ENTRY: usize = 32;
/// Length of an object's label (yubihsm.h, `YH_OBJ_LABEL_LEN`).
const LABEL: usize = 40;

/// Version and serial as the device itself says them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Major, minor, patch.
    pub firmware: [u8; 3],
    /// Printed on the device.
    pub serial: u32,
    /// Entries the log can hold, and holds.
    pub log_capacity: u8,
    /// Entries that the log holds.
    pub log_used: u8,
}

impl DeviceInfo {
    /// # Errors
    /// [`HsmError::BadAnswer`] if it is shorter than its fixed part.
    pub fn parse(bytes: &[u8]) -> Result<Self, HsmError> {
        let fixed: &[u8; 9] = bytes.first_chunk().ok_or_else(|| bad("device info", "too short"))?;
        let [a, b, c, s0, s1, s2, s3, log_capacity, log_used] = *fixed;
        Ok(Self {
            firmware: [a, b, c],
            serial: u32::from_be_bytes([s0, s1, s2, s3]),
            log_capacity,
            log_used,
        })
    }

    /// Such as `2.4.0`.
    pub fn firmware_text(&self) -> String {
        self.firmware.map(|n| n.to_string()).join(".")
    }
}

/// One line of List Objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectHandle {
    /// The object's number.
    pub id: u16,
    /// Raw type; [`super::objects::ObjectType::from_code`] knows the ones in use here.
    pub kind: u8,
    /// How often this id and type were used before, modulo 256.
    pub sequence: u8,
}

/// Reads List Objects.
///
/// # Errors
/// [`HsmError::BadAnswer`] if the bytes are not whole lines.
pub fn parse_objects(bytes: &[u8]) -> Result<Vec<ObjectHandle>, HsmError> {
    let (lines, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(bad("list objects", "not whole lines"));
    }
    let handle = |[high, low, kind, sequence]: &[u8; 4]| ObjectHandle {
        id: u16::from_be_bytes([*high, *low]),
        kind: *kind,
        sequence: *sequence,
    };
    Ok(lines.iter().map(handle).collect())
}

/// One object in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// What it may do: bits of [`fleet_evidence::device_profile::capability`].
    pub capabilities: u64,
    /// The object's number.
    pub id: u16,
    /// Bytes that it takes in the device.
    pub length: u16,
    /// One bit each, domain 1 the lowest.
    pub domains: u16,
    /// Raw type, as in [`ObjectHandle::kind`].
    pub kind: u8,
    /// Yubico's number of the algorithm.
    pub algorithm: u8,
    /// How often this id and type were used before, modulo 256.
    pub sequence: u8,
    /// Bits: 1 generated, 2 imported, 16 imported under wrap.
    pub origin: u8,
    /// Without the zeros that fill it up.
    pub label: String,
    /// What a login or wrap key may pass on; else 0.
    pub delegated: u64,
}

impl ObjectInfo {
    /// # Errors
    /// [`HsmError::BadAnswer`] if it has another length or its label is not UTF-8.
    pub fn parse(bytes: &[u8]) -> Result<Self, HsmError> {
        let wrong = |why| bad("get object info", why);
        let bytes: &[u8; 66] = bytes.try_into().map_err(|_| wrong("it must have 66 bytes"))?;
        let (head, tail) = bytes.split_at(18);
        let (label, delegated) = tail.split_at(LABEL);
        let label = label.split(|b| *b == 0).next().unwrap_or_default();
        Ok(Self {
            capabilities: be(&head[..8]),
            id: be(&head[8..10]) as u16,
            length: be(&head[10..12]) as u16,
            domains: be(&head[12..14]) as u16,
            kind: head[14],
            algorithm: head[15],
            sequence: head[16],
            origin: head[17],
            label: std::str::from_utf8(label).map_err(|_| wrong("its label is not text"))?.into(),
            delegated: be(delegated),
        })
    }
}

/// Reads Get Log Entries.
///
/// # Errors
/// [`HsmError::BadAnswer`] if the count differs from the entries, or the entries do not chain.
pub fn parse_log(bytes: &[u8]) -> Result<DeviceLog, HsmError> {
    let wrong = |why| bad("get log entries", why);
    let (head, body) = bytes.split_first_chunk::<5>().ok_or_else(|| wrong("too short"))?;
    let (entries, rest) = body.as_chunks::<ENTRY>();
    if !rest.is_empty() || entries.len() != usize::from(head[4]) {
        return Err(wrong("it announces another number of entries than it has"));
    }
    let entries: Vec<Entry> = entries.iter().map(Entry::read).collect();
    check_chain(&entries).map_err(|_| wrong("its entries do not chain"))?;
    Ok(DeviceLog {
        unlogged_boots: u16::from_be_bytes([head[0], head[1]]),
        unlogged_authentications: u16::from_be_bytes([head[2], head[3]]),
        entries,
    })
}

/// Reads Get Option for command audit: pairs of command and setting.
///
/// # Errors
/// [`HsmError::BadAnswer`] if the bytes are not whole pairs.
pub fn parse_command_audit(bytes: &[u8]) -> Result<Vec<(u8, u8)>, HsmError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    match rest {
        [] => Ok(pairs.iter().map(|[command, setting]| (*command, *setting)).collect()),
        _ => Err(bad("get option", "not whole pairs")),
    }
}

fn be(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn bad(command: &'static str, reason: &str) -> HsmError {
    HsmError::BadAnswer { command, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u16, command: u8, previous: [u8; 16]) -> Entry {
        let mut bytes = [0; 32];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        bytes[2] = command;
        let digest = Entry::read(&bytes).digest_after(&previous);
        bytes[16..].copy_from_slice(&digest);
        Entry::read(&bytes)
    }

    fn answer(count: u8, entries: &[Entry]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 0, 1, count];
        entries.iter().for_each(|e| bytes.extend_from_slice(&e.raw()));
        bytes
    }

    #[test]
    fn a_log_with_a_command_nobody_knows_is_still_read_whole() {
        let first = entry(1, 0xfe, [9; 16]);
        let second = entry(2, 0x57, first.digest);
        let log = parse_log(&answer(2, &[first, second])).unwrap();
        assert_eq!((log.entries.len(), log.unlogged_authentications), (2, 1));
    }

    #[test]
    fn a_cut_or_broken_log_is_refused() {
        let first = entry(1, 0x57, [9; 16]);
        let second = entry(2, 0x57, first.digest);
        assert!(parse_log(&answer(3, &[first, second])).is_err());
        assert!(parse_log(&answer(1, &[first, second])).is_err());
        assert!(parse_log(&answer(2, &[second, first])).is_err());
        assert!(parse_log(&answer(2, &[first, entry(2, 0x57, [0; 16])])).is_err());
        assert!(parse_log(&answer(2, &[first, entry(3, 0x57, first.digest)])).is_err());
        assert!(parse_log(&answer(1, &[first])[..36]).is_err());
        assert!(parse_log(&[]).is_err());
    }

    #[test]
    fn an_object_of_an_unknown_type_stays_in_the_list() {
        let objects = parse_objects(&[0, 1, 2, 0, 9, 9, 8, 0, 1, 1, 3, 0]).unwrap();
        assert_eq!(objects.len(), 3);
        assert_eq!(objects[1], ObjectHandle { id: 0x0909, kind: 8, sequence: 0 });
        assert!(parse_objects(&[0, 1, 2]).is_err());
        assert!(parse_command_audit(&[0x6d, 2, 0x57]).is_err());
    }
}
