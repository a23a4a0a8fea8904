//! What an errand wants to have acknowledged.

use super::{Cargo, Matter};
use vault_protocol::{KeysDigest, RosterNumber, Round, Subject, Version};

/// The acknowledgement that ends an errand, at one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    Round(Round),
    Removed,
    Roster { number: RosterNumber, digest: [u8; 32] },
    Record { version: Version, digest: [u8; 32] },
}

impl Goal {
    pub(super) fn of(cargo: &Cargo, keys: &KeysDigest) -> Self {
        match cargo {
            Cargo::Confirmation(confirmation) => {
                Self::Round(confirmation.certificate.tried.round.saturating_add(1))
            }
            Cargo::Record { record, .. } => {
                let record = &record.signed.record;
                Self::Record { version: record.version, digest: record.digest() }
            }
            Cargo::Facts(news) => match (&news.removal, &news.roster, &news.round_end) {
                (Some(_), _, _) => Self::Removed,
                (None, Some(signed), _) => {
                    let roster = &signed.roster;
                    Self::Roster { number: roster.number, digest: roster.digest(keys) }
                }
                (None, None, Some(end)) => Self::Round(end.round.saturating_add(1)),
                (None, None, None) => Self::Round(0),
            },
        }
    }

    pub(super) fn matter(&self) -> Matter {
        match *self {
            Self::Round(round) => Matter::Round(round),
            Self::Removed => Matter::Removed,
            Self::Roster { number, .. } => Matter::Roster(number),
            Self::Record { version, .. } => Matter::Record(version),
        }
    }

    /// What was removed is past all else; a newer record or roster replaced this one.
    pub(super) fn is_reached_by(&self, subject: &Subject) -> bool {
        match (*self, *subject) {
            (_, Subject::Removed) => true,
            (Self::Round(round), Subject::Round(ended)) => ended >= round,
            (Self::Roster { number, digest }, Subject::Roster { number: n, digest: d }) => {
                n > number || (n == number && d == digest)
            }
            (Self::Record { version, digest }, Subject::Record { version: v, digest: d }) => {
                v > version || (v == version && d == digest)
            }
            _ => false,
        }
    }

    /// The version of a record that took this one's place, if the subject is one.
    pub(super) fn replaced_by(&self, subject: &Subject) -> Option<Version> {
        match (*self, *subject) {
            (Self::Record { version, .. }, Subject::Record { version: v, .. }) if v > version => {
                Some(v)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_by_itself_by_something_newer_and_by_a_removal() {
        let goal = Goal::Record { version: 2, digest: [2; 32] };
        let record = |version, digest| Subject::Record { version, digest: [digest; 32] };
        assert!(goal.is_reached_by(&record(2, 2)) && goal.is_reached_by(&record(3, 9)));
        assert!(goal.is_reached_by(&Subject::Removed));
        for other in [record(2, 3), record(1, 2), Subject::Round(9)] {
            assert!(!goal.is_reached_by(&other), "{other:?}");
        }
        assert_eq!(goal.replaced_by(&record(3, 9)), Some(3));
        assert_eq!(goal.replaced_by(&record(2, 2)), None);
        assert!(Goal::Round(2).is_reached_by(&Subject::Round(2)));
        assert!(!Goal::Round(2).is_reached_by(&Subject::Round(1)));
        assert!(!Goal::Removed.is_reached_by(&record(9, 9)));
    }
}
