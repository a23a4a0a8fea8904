//! Whether a device's log goes on from where this site left it.

use fleet_evidence::device_log::{Entry, Head, LineRefused, LivingLog, NotNext, check_chain};
use yubihsm_device::DeviceLog;

/// Why a site must stop serving. The text is shown in its health report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    #[error(
        "the device's log goes on from another history than this site's: its disk was set back, or entries are missing (entry {found} after {expected})"
    )]
    /// Entries are missing.
    Gap {
        /// The number that should have come.
        expected: u16,
        /// The number that came.
        found: u16,
    },
    /// Two entries that do not belong together. The number of the later one.
    #[error("entry {0} of the device's log does not chain to the one before")]
    Digest(u16),
    /// Something was done while the log was full.
    #[error("the device counts {boots} boots and {authentications} logins that are not in its log")]
    Unlogged {
        /// Starts of the device.
        boots: u16,
        /// Sessions that were opened.
        authentications: u16,
    },
    /// A line that this site did not make: of another login, of another command, or about the
    /// logins' keys.
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

/// The entries after the head, if all of them follow from it and are such as a site makes, and what
/// they show. Without a head the first entries are taken on trust.
///
/// # Errors
/// The first thing that does not follow.
pub fn continue_chain(
    known: Known,
    log: &DeviceLog,
) -> Result<(Vec<Entry>, LivingLog), ChainBreak> {
    let (boots, authentications) = (log.unlogged_boots, log.unlogged_authentications);
    if boots != 0 || authentications != 0 {
        return Err(ChainBreak::Unlogged { boots, authentications });
    }
    let Known { head, mut living } = known;
    let Some(mut last) = head else {
        check_chain(&log.entries)?;
        return Ok((log.entries.clone(), living));
    };
    let fresh = after(last, &log.entries);
    for entry in fresh {
        last = last.then(entry)?;
        living.take(entry)?;
    }
    Ok((fresh.to_vec(), living))
}

impl From<NotNext> for ChainBreak {
    fn from(broken: NotNext) -> Self {
        match broken {
            NotNext::Number { expected, found } => Self::Gap { expected, found },
            NotNext::Digest(number) => Self::Digest(number),
        }
    }
}

/// Entries that were kept but not yet acknowledged come again, before the new ones.
fn after(head: Head, entries: &[Entry]) -> &[Entry] {
    match entries.iter().position(|entry| entry.head() == head) {
        Some(at) => &entries[at + 1..],
        None => entries,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_evidence::device_log::next_number;

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
            let mut raw = [0; 32];
            raw[..2].copy_from_slice(&next_number(last.number).to_be_bytes());
            raw[2] = *command;
            raw[5..7].copy_from_slice(&login.to_be_bytes());
            raw[7..9].copy_from_slice(&target.to_be_bytes());
            raw[11] = command | 0x80;
            let digest = Entry::read(&raw).digest_after(&last.digest);
            raw[16..].copy_from_slice(&digest);
            last = Head::of(&raw);
            Entry::read(&raw)
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

    fn real_entry() -> Entry {
        Entry::read(&hex::decode(ENTRY).unwrap().try_into().unwrap())
    }

    #[test]
    fn a_login_of_the_factory_is_foreign() {
        let previous =
            Head { number: 0x055e, digest: hex::decode(PREVIOUS).unwrap().try_into().unwrap() };
        let log = DeviceLog {
            unlogged_boots: 0,
            unlogged_authentications: 0,
            entries: vec![real_entry()],
        };
        let foreign = LineRefused::ForeignLogin { number: 0x055f, command: 0x56, login: 1 };
        assert_eq!(continue_chain(known(Some(previous)), &log), Err(foreign.into()));
    }

    #[test]
    fn unlogged_events_are_a_hole() {
        let log = DeviceLog { unlogged_boots: 1, unlogged_authentications: 0, entries: vec![] };
        let hole = ChainBreak::Unlogged { boots: 1, authentications: 0 };
        assert_eq!(continue_chain(known(None), &log), Err(hole));
    }
}
