//! One line of a device's log.

use crate::device_profile::{OPRF_KEY, command};
use sha2::{Digest, Sha256};

/// Session key of a line that was written outside of every session.
const NO_SESSION: u16 = 0xffff;

/// One line of a device's audit log (Yubico, Get Log Entries;
/// developers.yubico.com/YubiHSM2/Concepts/Logs.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Place in the log, modulo 2^16 without 0: see [`next_number`].
    pub number: u16,
    /// Which command: a code of [`crate::device_profile::command`].
    pub command: u8,
    /// Of the command's input, bytes.
    pub length: u16,
    /// The login whose session it was, or ffff outside of every session.
    pub session_key: u16,
    /// The first object that the command worked on, or ffff.
    pub target: u16,
    /// The second one, or ffff.
    pub second: u16,
    /// Command with the top bit set, or an error code.
    pub result: u8,
    /// The device's clock: its unit is not published.
    pub tick: u32,
    fields: [u8; 16],
    /// The chain: see [`Entry::digest_after`].
    pub digest: [u8; 16],
}

impl Entry {
    /// Splits 32 raw bytes; every value is possible.
    pub fn read(raw: &[u8; 32]) -> Self {
        let short = |at: usize| u16::from_be_bytes([raw[at], raw[at + 1]]);
        let (mut fields, mut digest) = ([0; 16], [0; 16]);
        fields.copy_from_slice(&raw[..16]);
        digest.copy_from_slice(&raw[16..]);
        Self {
            number: short(0),
            command: raw[2],
            length: short(3),
            session_key: short(5),
            target: short(7),
            second: short(9),
            result: raw[11],
            tick: u32::from_be_bytes([raw[12], raw[13], raw[14], raw[15]]),
            fields,
            digest,
        }
    }

    /// The line that a factory reset writes: number 1, everything else ff.
    pub fn is_reset(&self) -> bool {
        self.number == 1 && self.fields[2..] == [0xff; 14]
    }

    /// The line of power coming on, in exactly the form that a device gives it.
    pub fn is_boot(&self) -> bool {
        let fields =
            (self.command, self.length, self.session_key, self.target, self.second, self.result);
        fields == (command::BOOT, 0, NO_SESSION, 0, 0, 0)
    }

    /// Whether the device did what was asked.
    pub fn succeeded(&self) -> bool {
        self.result == self.command | 0x80
    }

    /// Who caused this line. Opening a session has no session yet: there the target is the login
    /// that was asked for.
    pub fn actor(&self) -> Actor {
        match (self.session_key, self.command) {
            (NO_SESSION, _) if self.is_boot() => Actor::Device,
            (NO_SESSION, command::CREATE_SESSION | command::AUTHENTICATE_SESSION) => {
                Actor::Login(self.target)
            }
            (NO_SESSION, _) => Actor::Nobody,
            (login, _) => Actor::Login(login),
        }
    }

    /// Whether a site's device did an ECDH with its oprf key: one step of an evaluation.
    pub fn is_oprf_use(&self) -> bool {
        self.command == command::DERIVE_ECDH && self.target == OPRF_KEY && self.succeeded()
    }

    /// As the device gave it.
    pub fn raw(&self) -> [u8; 32] {
        let mut raw = [0; 32];
        raw[..16].copy_from_slice(&self.fields);
        raw[16..].copy_from_slice(&self.digest);
        raw
    }

    /// The digest that this line has after one with the digest `previous`: SHA-256(fields ||
    /// previous), cut to 16 bytes (python-yubihsm, `LogEntry.validate`).
    pub fn digest_after(&self, previous: &[u8; 16]) -> [u8; 16] {
        let full = Sha256::new_with_prefix(self.fields).chain_update(previous).finalize();
        std::array::from_fn(|i| full[i])
    }
}

/// Numbers are 16 bits and never 0: 0xffff is followed by 1 (read off firmware 2.4.0).
pub fn next_number(number: u16) -> u16 {
    number.checked_add(1).unwrap_or(1)
}

/// Who caused a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The device: power came on.
    Device,
    /// A session of this login, or whoever asked to open one.
    Login(u16),
    /// Somebody who spoke to the device outside of a session.
    Nobody,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(fields: &str, digest: &str) -> [u8; 32] {
        hex::decode(format!("{fields}{digest}")).unwrap().try_into().unwrap()
    }

    #[test]
    fn a_line_of_a_real_device_follows_its_predecessor() {
        let previous = Entry::read(&raw(
            "055e00000000000000000000000000 00".replace(' ', "").as_str(),
            "132ceaf51f5b099b9893331a9de47d92",
        ));
        let entry = Entry::read(&raw(
            "055f5600220001fe19ffffd60006bc0c",
            "785eac279ce4bf6febb7a0cca8a30fd5",
        ));
        assert!(entry.continues(&previous));
        assert!(entry.succeeded());
        assert_eq!((entry.number, entry.command, entry.length), (0x055f, 0x56, 0x22));
        assert_eq!(
            (entry.session_key, entry.target, entry.second, entry.tick),
            (1, 0xfe19, 0xffff, 0x0006_bc0c)
        );
    }

    #[test]
    fn a_line_names_who_caused_it() {
        let line = |session: u16, command: u8, target: u16, result: u8| {
            let [s, t] = [session, target].map(|n| hex::encode(n.to_be_bytes()));
            Entry::read(&raw(
                &format!("0002{command:02x}0000{s}{t}0000{result:02x}00000000"),
                &"00".repeat(16),
            ))
        };
        assert_eq!(line(0xffff, 0, 0, 0).actor(), Actor::Device);
        assert_eq!(line(0x0999, 0, 0, 0).actor(), Actor::Login(0x0999));
        assert_eq!(line(0xffff, 0, 7, 0).actor(), Actor::Nobody);
        assert_eq!(line(0xffff, 0x04, 0x0999, 0x84).actor(), Actor::Login(0x0999));
        assert_eq!(line(0xffff, 0x57, 0x0101, 0xd7).actor(), Actor::Nobody);
        assert_eq!(line(0x0201, 0x57, 0x0101, 0xd7).actor(), Actor::Login(0x0201));
    }

    #[test]
    fn a_line_is_given_back_as_it_was_read() {
        let bytes: [u8; 32] = std::array::from_fn(|i| i as u8);
        assert_eq!(Entry::read(&bytes).raw(), bytes);
    }

    #[test]
    fn numbers_skip_zero() {
        assert_eq!(next_number(0xffff), 1);
    }
}
