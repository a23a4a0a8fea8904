//! The log of its device that a site publishes.

use crate::device_log::{Entry, LineRefused, LivingLog};
use crate::folder::Head;

pub(super) fn lines(log: &[[u8; 32]]) -> Vec<Entry> {
    log.iter().map(Entry::read).collect()
}

/// What a published log shows beside its chain.
pub(super) struct Reading {
    pub living: LivingLog,
    /// The first line about the logins' keys that no site makes (check C3).
    pub about_logins: Option<LineRefused>,
    /// The first other line that no site makes (check C2).
    pub about_work: Option<LineRefused>,
}

impl Reading {
    /// `start`: where the ceremony ended, if that is known; the lines go on from there.
    pub(super) fn of(start: Option<Head>, lines: &[Entry]) -> Self {
        let living =
            if start.is_some() { LivingLog::since_ceremony() } else { LivingLog::from_anywhere() };
        let mut reading = Self { living, about_logins: None, about_work: None };
        for refusal in lines.iter().filter_map(|line| reading.living.take(line).err()) {
            let first = match refusal.is_about_own_logins() {
                true => &mut reading.about_logins,
                false => &mut reading.about_work,
            };
            first.get_or_insert(refusal);
        }
        reading
    }
}

/// The published log is one chain, goes on from the ceremony, contains the line that the device
/// vouched for, and shows exactly the counted uses of the oprf key.
pub(super) fn follow(
    start: Option<Head>,
    log: &[[u8; 32]],
    head: Head,
    entries: u64,
    oprf_entries: u64,
) -> Result<(), String> {
    let lines = lines(log);
    if let (Some(start), Some(first)) = (start, lines.first())
        && start.then(first).is_err()
    {
        return Err("its published log does not go on from the end of its ceremony".into());
    }
    if let Some(pair) = lines.windows(2).find(|pair| !pair[1].continues(&pair[0])) {
        return Err(format!("its published log is broken at line {}", pair[1].number));
    }
    if let Some(refusal) = Reading::of(start, &lines).about_work {
        return Err(refusal.to_string());
    }
    let vouched = start == Some(head) || log.iter().any(|entry| Head::of(entry) == head);
    if !vouched {
        return Err("its published log lacks the line that its device vouched for".into());
    }
    let counted = usize::try_from(entries).ok().and_then(|n| lines.get(..n));
    let counted = counted.ok_or("its published log is shorter than its counts say")?;
    let uses = counted.iter().filter(|l| l.is_oprf_use()).count() as u64;
    if uses == oprf_entries {
        Ok(())
    } else {
        Err(format!("its log shows {uses} evaluation steps, it counts {oprf_entries}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device_profile::{KeyRole, OPERATIONAL_AUTH_KEY, command};
    use sha2::{Digest, Sha256};

    fn log(length: u16, command: u8, login: u16) -> Vec<[u8; 32]> {
        let mut before = [7; 16];
        let line = |number: u16| {
            let mut raw = [0; 32];
            raw[..2].copy_from_slice(&number.to_be_bytes());
            raw[2] = command;
            raw[5..7].copy_from_slice(&login.to_be_bytes());
            raw[7..9].copy_from_slice(&KeyRole::Oprf.id().to_be_bytes());
            raw[11] = command | 0x80;
            let digest = Sha256::new_with_prefix(&raw[..16]).chain_update(before).finalize();
            raw[16..].copy_from_slice(&digest[..16]);
            before = Head::of(&raw).digest;
            raw
        };
        (11..11 + length).map(line).collect()
    }

    const START: Head = Head { number: 10, digest: [7; 16] };

    #[test]
    fn a_log_that_goes_on_from_the_ceremony_and_shows_the_counted_uses_is_followed() {
        let log = log(6, command::DERIVE_ECDH, OPERATIONAL_AUTH_KEY);
        assert_eq!(follow(Some(START), &log, Head::of(&log[4]), 6, 6), Ok(()));
        assert_eq!(follow(None, &log[1..], Head::of(&log[4]), 5, 5), Ok(()));
        assert_eq!(follow(Some(START), &[], START, 0, 0), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let good = log(6, command::DERIVE_ECDH, OPERATIONAL_AUTH_KEY);
        let head = Head::of(&good[4]);
        let refused = |log: &[[u8; 32]], entries, uses| {
            follow(Some(START), log, head, entries, uses).unwrap_err()
        };
        assert!(refused(&good[1..], 5, 5).contains("end of its ceremony"));
        assert!(refused(&[&good[..2], &good[3..]].concat(), 5, 5).contains("broken at line 14"));
        assert!(refused(&good[..4], 4, 4).contains("lacks the line"));
        assert!(refused(&good, 7, 6).contains("shorter"));
        assert!(refused(&good, 6, 4).contains("shows 6 evaluation steps"));
        let foreign = log(6, command::DERIVE_ECDH, 0x0001);
        assert!(refused(&foreign, 6, 6).contains("login 0x0001, which no site has"));
    }
}
