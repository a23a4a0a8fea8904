//! Whether a backup is due: decided from facts alone, without a look at clock, disk or network.

use serde::{Deserialize, Serialize};
use specta::Type;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Chats must have been left alone for so long: an import of several files is one change.
pub(crate) const SETTLE: u64 = 2 * MINUTE;

/// After the first failure; each further one doubles it.
const FIRST_WAIT: u64 = 15 * MINUTE;

/// Not longer than this between two tries, however many failed.
const LONGEST_WAIT: u64 = 6 * HOUR;

/// How often a backup is made by itself. Nothing is made while nothing is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Off,
    /// As soon as what is new has come to rest.
    Change,
    Hour,
    #[default]
    Day,
    Week,
}

impl Every {
    /// Seconds from one backup to the next; none when it is off.
    pub(crate) fn interval(self) -> Option<u64> {
        match self {
            Self::Off => None,
            Self::Change => Some(0),
            Self::Hour => Some(HOUR),
            Self::Day => Some(DAY),
            Self::Week => Some(7 * DAY),
        }
    }
}

/// What a decision is made from. Times are unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub every: Every,
    pub now: u64,
    /// None before the first backup, which is made by the person.
    pub last_backup: Option<u64>,
    /// Something is in the chats that this backup does not have.
    pub is_new: bool,
    /// When the chats changed last.
    pub changed: Option<u64>,
    /// An import or a restore is running.
    pub at_work: bool,
    /// Failures in a row since the last success, and when the last was.
    pub failures: u32,
    pub last_failure: Option<u64>,
    pub place: Presence,
    pub power: Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    There,
    /// There now, and away when it was last looked for: what failed before says nothing of today.
    CameBack,
    Away,
}

/// What the computer runs on. A computer that does not say so has no battery to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    Mains,
    Battery,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    BackUp,
    Off,
    /// The person makes the first one.
    NoneYet,
    NothingNew,
    /// Not before this time, in unix seconds.
    At(u64),
    WaitForPlace,
    /// Due, and put off while the computer runs on its battery.
    WaitForPower,
    /// Due, and put off until the chats have been left alone for a while.
    WaitForRest,
}

pub(crate) fn decide(facts: &Facts) -> Decision {
    let Some(interval) = facts.every.interval() else { return Decision::Off };
    let Some(last) = facts.last_backup else { return Decision::NoneYet };
    if !facts.is_new {
        return Decision::NothingNew;
    }
    let due = due_at(last, interval, facts.now);
    if facts.now < due {
        return Decision::At(due);
    }
    if facts.place == Presence::Away {
        return Decision::WaitForPlace;
    }
    let retry = retry_at(facts);
    if facts.now < retry {
        return Decision::At(retry);
    }
    if facts.power == Power::Battery && facts.now < due.saturating_add(interval.max(DAY)) {
        return Decision::WaitForPower;
    }
    match is_at_rest(facts) {
        true => Decision::BackUp,
        false => Decision::WaitForRest,
    }
}

/// A backup from the future is one of a clock that was wrong: the next is due now.
fn due_at(last: u64, interval: u64, now: u64) -> u64 {
    if last > now { now } else { last.saturating_add(interval) }
}

fn retry_at(facts: &Facts) -> u64 {
    let Some(last) = facts.last_failure.filter(|at| *at <= facts.now) else { return 0 };
    if facts.failures == 0 || facts.place == Presence::CameBack {
        return 0;
    }
    let doubled = FIRST_WAIT.saturating_mul(1 << (facts.failures - 1).min(16));
    last.saturating_add(doubled.min(LONGEST_WAIT))
}

fn is_at_rest(facts: &Facts) -> bool {
    let quiet = facts.changed.and_then(|at| facts.now.checked_sub(at));
    !facts.at_work && quiet.is_none_or(|seconds| seconds >= SETTLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday 23 November 2026, 20:00 UTC.
    const NOW: u64 = 1_795_464_000;

    /// Due an hour ago, everything at hand.
    fn facts() -> Facts {
        Facts {
            every: Every::Day,
            now: NOW,
            last_backup: Some(NOW - 25 * HOUR),
            is_new: true,
            changed: Some(NOW - 3 * HOUR),
            at_work: false,
            failures: 0,
            last_failure: None,
            place: Presence::There,
            power: Power::Unknown,
        }
    }

    type Change = fn(&mut Facts);

    #[test]
    fn when_a_backup_is_due() {
        let table: &[(&str, Change, Decision)] = &[
            ("a day went by", |_| {}, Decision::BackUp),
            ("it is off", |f| f.every = Every::Off, Decision::Off),
            ("there was none yet", |f| f.last_backup = None, Decision::NoneYet),
            ("nothing is new", |f| f.is_new = false, Decision::NothingNew),
            ("a week has not", |f| f.every = Every::Week, Decision::At(NOW + 143 * HOUR)),
            (
                "a week went by",
                |f| {
                    f.every = Every::Week;
                    f.last_backup = Some(NOW - 7 * DAY);
                },
                Decision::BackUp,
            ),
            (
                "an hour has not",
                |f| {
                    f.every = Every::Hour;
                    f.last_backup = Some(NOW - 59 * MINUTE);
                },
                Decision::At(NOW + MINUTE),
            ),
            (
                "with each change",
                |f| {
                    f.every = Every::Change;
                    f.last_backup = Some(NOW - 3 * MINUTE);
                },
                Decision::BackUp,
            ),
            ("the last one is of tomorrow", |f| f.last_backup = Some(NOW + DAY), Decision::BackUp),
            ("the disk is away", |f| f.place = Presence::Away, Decision::WaitForPlace),
            (
                "the disk is away and it is not time yet",
                |f| {
                    f.place = Presence::Away;
                    f.last_backup = Some(NOW - HOUR);
                },
                Decision::At(NOW + 23 * HOUR),
            ),
            ("an import is running", |f| f.at_work = true, Decision::WaitForRest),
            ("an import has just ended", |f| f.changed = Some(NOW - 30), Decision::WaitForRest),
            ("the chats changed tomorrow", |f| f.changed = Some(NOW + DAY), Decision::BackUp),
            ("on battery", |f| f.power = Power::Battery, Decision::WaitForPower),
            (
                "on battery for days",
                |f| {
                    f.power = Power::Battery;
                    f.last_backup = Some(NOW - 2 * DAY);
                },
                Decision::BackUp,
            ),
        ];
        check(table);
    }

    #[test]
    fn how_long_to_wait_after_failures() {
        let table: &[(&str, Change, Decision)] = &[
            ("one just now", |f| failed(f, 1, MINUTE), Decision::At(NOW + 14 * MINUTE)),
            ("one a while ago", |f| failed(f, 1, 15 * MINUTE), Decision::BackUp),
            ("three just now", |f| failed(f, 3, 0), Decision::At(NOW + HOUR)),
            ("very many", |f| failed(f, u32::MAX, 0), Decision::At(NOW + 6 * HOUR)),
            ("very many, tomorrow", |f| f.last_failure = Some(NOW + DAY), Decision::BackUp),
            (
                "the disk came back",
                |f| {
                    failed(f, 9, MINUTE);
                    f.place = Presence::CameBack;
                },
                Decision::BackUp,
            ),
        ];
        check(table);
    }

    fn failed(facts: &mut Facts, times: u32, ago: u64) {
        facts.failures = times;
        facts.last_failure = Some(facts.now - ago);
    }

    fn check(table: &[(&str, Change, Decision)]) {
        for (what, change, expected) in table {
            let mut facts = facts();
            change(&mut facts);
            assert_eq!(decide(&facts), *expected, "{what}");
        }
    }
}
