//! Whether a device's log goes on from where this site left it.

use fleet_evidence::device_log::{Entry, LineRefused, LivingLog};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use yubihsm_device::objects::OPRF_KEY;
use yubihsm_device::{DeviceLog, LogEntry};

/// `DeriveEcdh` and its success code (Yubico, Command reference).
const DERIVE_ECDH: u8 = 0x57;
const DERIVE_ECDH_DONE: u8 = DERIVE_ECDH | 0x80;

/// An entry that later ones must chain to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub number: u16,
    #[serde(with = "digest_hex")]
    pub digest: [u8; 16],
}

/// Why a site must stop serving. The text is shown in its health report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    #[error(
        "the device's log goes on from another history than this site's: its disk was set back, or entries are missing (entry {found} after {expected})"
    )]
    Gap { expected: u16, found: u16 },
    #[error("entry {0} of the device's log does not chain to the one before")]
    Digest(u16),
    #[error("the device counts {boots} boots and {authentications} logins that are not in its log")]
    Unlogged { boots: u16, authentications: u16 },
    /// A line that this site did not make: of another login, of another command, or about the logins' keys.
    #[error("the device did something that is not this site's: {0}")]
    Line(#[from] LineRefused),
}

/// What a site knows of its device's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The last entry that it has, or the ceremony's last.
    pub head: Option<Head>,
    /// What the entries up to there show.
    pub living: LivingLog,
}

/// The entries after the head, if all of them follow from it and are such as a site makes, and what they show. Without a
/// head the first entries are taken on trust.
///
/// # Errors
/// The first thing that does not follow.
pub fn continue_chain(known: Known, log: &DeviceLog) -> Result<(Vec<LogEntry>, LivingLog), ChainBreak> {
    let (boots, authentications) = (log.unlogged_boots, log.unlogged_authentications);
    if boots != 0 || authentications != 0 {
        return Err(ChainBreak::Unlogged { boots, authentications });
    }
    let Known { head, mut living } = known;
    let Some(mut last) = head else {
        return Ok((first_reading(&log.entries)?, living));
    };
    let fresh = after(last, &log.entries);
    for entry in fresh {
        let found = head_of(entry);
        if found.number != next(last.number) {
            return Err(ChainBreak::Gap { expected: next(last.number), found: found.number });
        }
        if found.digest != chained(entry, &last.digest) {
            return Err(ChainBreak::Digest(found.number));
        }
        living.take(&Entry::read(&entry.0))?;
        last = found;
    }
    Ok((fresh.to_vec(), living))
}

/// Number and digest of an entry.
pub fn head_of(entry: &LogEntry) -> Head {
    Head { number: u16_at(entry, 0), digest: std::array::from_fn(|i| entry.0[16 + i]) }
}

/// Whether the entry says that the device did an ECDH with its oprf key.
pub fn is_oprf_ecdh(entry: &LogEntry) -> bool {
    entry.0[2] == DERIVE_ECDH && u16_at(entry, 7) == OPRF_KEY && entry.0[11] == DERIVE_ECDH_DONE
}

fn first_reading(entries: &[LogEntry]) -> Result<Vec<LogEntry>, ChainBreak> {
    for pair in entries.windows(2) {
        let (before, found) = (head_of(&pair[0]), head_of(&pair[1]));
        if found.number != next(before.number) {
            return Err(ChainBreak::Gap { expected: next(before.number), found: found.number });
        }
        if found.digest != chained(&pair[1], &before.digest) {
            return Err(ChainBreak::Digest(found.number));
        }
    }
    Ok(entries.to_vec())
}

/// Entries that were kept but not yet acknowledged come again, before the new ones.
fn after(head: Head, entries: &[LogEntry]) -> &[LogEntry] {
    match entries.iter().position(|entry| head_of(entry) == head) {
        Some(at) => &entries[at + 1..],
        None => entries,
    }
}

/// digest_i = SHA-256(fields_i || digest_{i-1}) cut to 16 bytes (python-yubihsm, `LogEntry.validate`).
fn chained(entry: &LogEntry, before: &[u8; 16]) -> [u8; 16] {
    let full = Sha256::new().chain_update(&entry.0[..16]).chain_update(before).finalize();
    std::array::from_fn(|i| full[i])
}

/// Numbers wrap from 0xffff to 1.
fn next(number: u16) -> u16 {
    number.checked_add(1).unwrap_or(1)
}

fn u16_at(entry: &LogEntry, at: usize) -> u16 {
    u16::from_be_bytes([entry.0[at], entry.0[at + 1]])
}

mod digest_hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(digest: &[u8; 16], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(digest))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 16], D::Error> {
        let text = String::deserialize(d)?;
        let mut out = [0; 16];
        hex::decode_to_slice(&text, &mut out).map_err(serde::de::Error::custom)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read off real hardware: serial 31650425, firmware 2.4.0.
    const PREVIOUS: &str = "132ceaf51f5b099b9893331a9de47d92";
    const ENTRY: &str = "055f5600220001fe19ffffd60006bc0c785eac279ce4bf6febb7a0cca8a30fd5";

    fn known(head: Option<Head>) -> Known {
        Known { head, living: LivingLog::since_ceremony() }
    }

    /// Command, login, target.
    type Line = (u8, u16, u16);

    /// Entries after `PREVIOUS`, as a device would chain them.
    fn chain_of(lines: &[Line]) -> (Head, DeviceLog) {
        let start = Head { number: 9, digest: hex::decode(PREVIOUS).unwrap().try_into().unwrap() };
        let mut last = start;
        let entry = |(command, login, target): &Line| {
            let mut entry = LogEntry([0; 32]);
            entry.0[..2].copy_from_slice(&next(last.number).to_be_bytes());
            entry.0[2] = *command;
            entry.0[5..7].copy_from_slice(&login.to_be_bytes());
            entry.0[7..9].copy_from_slice(&target.to_be_bytes());
            entry.0[11] = command | 0x80;
            let digest = chained(&entry, &last.digest);
            entry.0[16..].copy_from_slice(&digest);
            last = head_of(&entry);
            entry
        };
        let entries = lines.iter().map(entry).collect();
        (start, DeviceLog { unlogged_boots: 0, unlogged_authentications: 0, entries })
    }

    #[test]
    fn the_logins_change_once_before_any_work() {
        let own = [(0x6c, 0x0201, 0x0201), (0x6c, 0x0202, 0x0202)];
        let (start, log) = chain_of(&[own[0], own[1], (0x56, 0x0201, 0x0104)]);
        let (_, living) = continue_chain(known(Some(start)), &log).unwrap();
        assert_eq!(living.not_yet_own().count(), 0);
        let wrong: [(&str, &[Line]); 3] = [
            ("before its site", &[(0x56, 0x0201, 0x0104)]),
            ("a second time", &[own[0], own[1], own[0]]),
            ("tried to give", &[(0x6c, 0x0202, 0x0201)]),
        ];
        for (expected, lines) in wrong {
            let (start, log) = chain_of(lines);
            let broken = continue_chain(known(Some(start)), &log).unwrap_err();
            assert!(broken.to_string().contains(expected), "{broken}");
        }
    }

    fn real_entry() -> LogEntry {
        LogEntry(hex::decode(ENTRY).unwrap().try_into().unwrap())
    }

    #[test]
    fn a_real_entry_chains() {
        let previous: [u8; 16] = hex::decode(PREVIOUS).unwrap().try_into().unwrap();
        assert_eq!(chained(&real_entry(), &previous), head_of(&real_entry()).digest);
    }

    #[test]
    fn a_login_of_the_factory_is_foreign() {
        let previous = Head { number: 0x055e, digest: hex::decode(PREVIOUS).unwrap().try_into().unwrap() };
        let log = DeviceLog { unlogged_boots: 0, unlogged_authentications: 0, entries: vec![real_entry()] };
        let foreign = LineRefused::ForeignLogin { number: 0x055f, command: 0x56, login: 1 };
        assert_eq!(continue_chain(known(Some(previous)), &log), Err(foreign.into()));
    }

    #[test]
    fn numbers_wrap_to_one() {
        assert_eq!(next(0xffff), 1);
    }

    #[test]
    fn unlogged_events_are_a_hole() {
        let log = DeviceLog { unlogged_boots: 1, unlogged_authentications: 0, entries: vec![] };
        let hole = ChainBreak::Unlogged { boots: 1, authentications: 0 };
        assert_eq!(continue_chain(known(None), &log), Err(hole));
    }
}
