//! The audit log: 62 entries in a ring, each bound to the one before by a truncated digest.
//!
//! digest = SHA-256(the entry's first 16 bytes || the previous digest)[..16]; the reset entry uses
//! 32 random bytes in place of a previous digest. Source: Yubico "Logs" and `GET LOG ENTRIES`, and
//! measurements on firmware 2.4.0.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use crate::device_error::DeviceError;
use crate::rng::DeviceRng;

/// Entries the log store holds.
pub(crate) const CAPACITY: usize = 62;
/// Bytes of an entry on the wire: 16 of fields and 16 of digest.
pub(crate) const ENTRY_LENGTH: usize = 32;
/// No object, where an entry has room for one.
pub(crate) const NO_OBJECT: u16 = 0xffff;

/// What one entry says, before it is numbered and chained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub command: u8,
    /// Bytes of the command's input.
    pub length: u16,
    /// The authentication key of the session, or [`NO_OBJECT`].
    pub session_key: u16,
    pub target: u16,
    pub second: u16,
    /// Command | 0x80 on success, else the error code.
    pub result: u8,
    /// About 41 per second since power-on.
    pub tick: u32,
}

impl Event {
    /// The first entry after a factory reset: every field all ones.
    const RESET: Self = Self {
        command: 0xff,
        length: 0xffff,
        session_key: 0xffff,
        target: 0xffff,
        second: 0xffff,
        result: 0xff,
        tick: u32::MAX,
    };

    /// Power was applied.
    const BOOT: Self = Self {
        command: 0,
        length: 0,
        session_key: NO_OBJECT,
        target: 0,
        second: 0,
        result: 0,
        tick: 0,
    };

    fn fields(&self, number: u16) -> [u8; 16] {
        let mut fields = [0; 16];
        fields[0..2].copy_from_slice(&number.to_be_bytes());
        fields[2] = self.command;
        fields[3..5].copy_from_slice(&self.length.to_be_bytes());
        fields[5..7].copy_from_slice(&self.session_key.to_be_bytes());
        fields[7..9].copy_from_slice(&self.target.to_be_bytes());
        fields[9..11].copy_from_slice(&self.second.to_be_bytes());
        fields[11] = self.result;
        fields[12..16].copy_from_slice(&self.tick.to_be_bytes());
        fields
    }
}

/// An entry as stored and sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry(pub [u8; ENTRY_LENGTH]);

impl Entry {
    fn chained(fields: [u8; 16], previous: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(fields).chain_update(previous).finalize();
        let mut bytes = [0; ENTRY_LENGTH];
        bytes[..16].copy_from_slice(&fields);
        bytes[16..].copy_from_slice(&digest[..16]);
        Self(bytes)
    }

    fn number(&self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]])
    }
}

/// The log store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditLog {
    entries: VecDeque<Entry>,
    /// The newest entry, kept when its slot is freed because the next one chains to it.
    last: Entry,
    /// Both counters stay until factory reset: a hole in the log must not become invisible by
    /// emptying the log.
    unlogged_boots: u16,
    unlogged_authentications: u16,
    /// Differs from what was last saved.
    changed: bool,
}

impl AuditLog {
    /// The log of a device just reset: one entry, whose digest nobody can compute.
    pub(crate) fn after_reset(rng: &mut DeviceRng) -> Self {
        let reset = Entry::chained(Event::RESET.fields(1), &rng.array::<32>());
        Self {
            entries: VecDeque::from([reset]),
            last: reset,
            unlogged_boots: 0,
            unlogged_authentications: 0,
            changed: true,
        }
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn saved(&mut self) {
        self.changed = false;
    }

    /// As stored: both counters (2 bytes each), the newest entry, and the entries (32 each).
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.unlogged_boots.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.unlogged_authentications.to_be_bytes());
        bytes.extend_from_slice(&self.last.0);
        self.entries.iter().for_each(|entry| bytes.extend_from_slice(&entry.0));
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` if it is not a chain.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (boots, rest) = bytes.split_first_chunk()?;
        let (authentications, rest) = rest.split_first_chunk()?;
        let (last, rest) = rest.split_first_chunk()?;
        let (entries, []) = rest.as_chunks::<ENTRY_LENGTH>() else { return None };
        let log = Self {
            entries: entries.iter().copied().map(Entry).collect(),
            last: Entry(*last),
            unlogged_boots: u16::from_be_bytes(*boots),
            unlogged_authentications: u16::from_be_bytes(*authentications),
            changed: false,
        };
        log.broken_at().is_none().then_some(log)
    }

    pub(crate) fn used(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() >= CAPACITY
    }

    /// Records power-on. A full log is overwritten from its oldest entry, unless `forced`: then the
    /// boot is counted.
    pub(crate) fn record_boot(&mut self, forced: bool) {
        self.changed = true;
        if forced && self.is_full() {
            self.unlogged_boots = self.unlogged_boots.saturating_add(1);
        } else {
            self.append(&Event::BOOT);
        }
    }

    /// Counts a session command that force audit had no room for; those are never refused.
    pub(crate) fn count_unlogged_authentication(&mut self) {
        self.changed = true;
        self.unlogged_authentications = self.unlogged_authentications.saturating_add(1);
    }

    /// Adds an entry, overwriting the oldest when full.
    pub(crate) fn append(&mut self, event: &Event) {
        let entry = Entry::chained(event.fields(successor(self.last.number())), &self.last.0[16..]);
        if self.is_full() {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.last = entry;
        self.changed = true;
    }

    /// Frees every entry up to and including `number`.
    ///
    /// # Errors
    /// `INVALID_DATA` if the log holds no such entry.
    pub(crate) fn free_through(&mut self, number: u16) -> Result<(), DeviceError> {
        let position = self
            .entries
            .iter()
            .position(|entry| entry.number() == number)
            .ok_or(DeviceError::InvalidData)?;
        self.entries.drain(..=position);
        self.changed = true;
        Ok(())
    }

    /// The answer to `GET LOG ENTRIES`: two counters (2 bytes each), a count (1) and the entries
    /// (32 each).
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(5 + ENTRY_LENGTH * self.entries.len());
        out.extend_from_slice(&self.unlogged_boots.to_be_bytes());
        out.extend_from_slice(&self.unlogged_authentications.to_be_bytes());
        // At most CAPACITY = 62.
        out.push(u8::try_from(self.entries.len()).unwrap_or(u8::MAX));
        for entry in &self.entries {
            out.extend_from_slice(&entry.0);
        }
        out
    }

    /// A loaded log must still be a chain; returns the first entry number that is not.
    pub(crate) fn broken_at(&self) -> Option<u16> {
        let pairs = self.entries.iter().zip(self.entries.iter().skip(1));
        for (previous, entry) in pairs {
            let fields: [u8; 16] = entry.0[..16].try_into().unwrap_or_default();
            let in_order = entry.number() == successor(previous.number());
            if !in_order || Entry::chained(fields, &previous.0[16..]) != *entry {
                return Some(entry.number());
            }
        }
        let ends_at_last = self.entries.back().is_none_or(|entry| *entry == self.last);
        (!ends_at_last || self.entries.len() > CAPACITY).then(|| self.last.number())
    }
}

/// Numbers run from 1 to 0xffff and start again at 1.
fn successor(number: u16) -> u16 {
    number.checked_add(1).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(tick: u32) -> Event {
        Event {
            command: 0x57,
            length: 67,
            session_key: 0x0201,
            target: 0x0101,
            second: NO_OBJECT,
            result: 0xd7,
            tick,
        }
    }

    fn after_reset() -> AuditLog {
        AuditLog::after_reset(&mut DeviceRng::from_os().unwrap())
    }

    /// An entry published from real hardware (firmware 2.4.0, serial 31650425).
    #[test]
    fn an_entry_of_real_hardware_has_our_digest() {
        let event = Event {
            command: 0x56,
            length: 0x22,
            session_key: 1,
            target: 0xfe19,
            second: 0xffff,
            result: 0xd6,
            tick: 0x0006_bc0c,
        };
        let previous = hex::decode("132ceaf51f5b099b9893331a9de47d92").unwrap();
        let entry = Entry::chained(event.fields(0x055f), &previous);
        assert_eq!(hex::encode(&entry.0[16..]), "785eac279ce4bf6febb7a0cca8a30fd5");
    }

    #[test]
    fn the_reset_entry_is_all_ones_but_its_number_and_its_digest_is_random() {
        let (one, other) = (after_reset(), after_reset());
        assert_eq!(hex::encode(&one.last.0[..16]), "0001ffffffffffffffffffffffffffff");
        assert_ne!(one.last.0[16..], other.last.0[16..]);
    }

    #[test]
    fn a_full_log_forgets_its_oldest_entry() {
        let mut log = after_reset();
        (0..70).for_each(|tick| log.append(&event(tick)));
        assert_eq!(log.used(), CAPACITY);
        assert_eq!(log.entries[0].number(), 10);
        assert_eq!(log.broken_at(), None);
    }

    #[test]
    fn a_forced_boot_with_a_full_log_is_counted_and_not_logged() {
        let mut log = after_reset();
        (0..70).for_each(|tick| log.append(&event(tick)));
        let before = log.last;
        log.record_boot(true);
        assert_eq!((log.last, log.unlogged_boots), (before, 1));
        log.record_boot(false);
        assert_ne!(log.last, before);
    }

    #[test]
    fn freeing_keeps_the_chain_and_the_numbers() {
        let mut log = after_reset();
        log.append(&event(1));
        assert_eq!(log.free_through(9), Err(DeviceError::InvalidData));
        log.free_through(2).unwrap();
        assert_eq!(log.used(), 0);
        let previous = log.last;
        log.append(&event(2));
        assert_eq!(log.entries[0], Entry::chained(event(2).fields(3), &previous.0[16..]));
    }

    #[test]
    fn numbers_wrap_past_zero() {
        assert_eq!(successor(0xffff), 1);
    }

    #[test]
    fn an_altered_log_is_noticed() {
        let mut log = after_reset();
        log.append(&event(1));
        log.append(&event(2));
        log.entries[1].0[2] ^= 1;
        assert_eq!(log.broken_at(), Some(2));
    }

    #[test]
    fn a_log_reads_back_as_written_and_damage_is_noticed() {
        let mut log = after_reset();
        (0..70).for_each(|tick| log.append(&event(tick)));
        log.saved();
        let bytes = log.to_bytes();
        assert_eq!(AuditLog::from_bytes(&bytes), Some(log));
        for position in [5, 100, bytes.len() - 1] {
            let mut bad = bytes.clone();
            bad[position] ^= 1;
            assert_eq!(AuditLog::from_bytes(&bad), None, "{position}");
        }
        assert_eq!(AuditLog::from_bytes(&bytes[..bytes.len() - 1]), None);
    }
}
