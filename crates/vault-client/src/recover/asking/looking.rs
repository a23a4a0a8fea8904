//! Whether a try may be asked for now, from what the sites showed: decided before anything is
//! spent.

use super::{Header, Stop};
use crate::error::VaultError;
use crate::fleet::Known;
use crate::gathered::{Gathered, SiteView};
use crate::seen::{next_slot, used_up};
use std::collections::BTreeSet;
use std::time::Duration;
use vault_facts::AccountFacts;
use vault_protocol::limits::{CLOCK_TOLERANCE, FIRST_DELAYED_TRY};
use vault_protocol::{CodeState, Record, SiteIndex, Slot};

/// Seconds of a wait that is not worth telling a person about.
const SHORT_WAIT: u64 = 3;

/// Getting to know where the account stands.
#[derive(Default)]
pub(super) struct Looking {
    /// Sites to be asked once more: they know what others do not, or know it only now.
    pub again: BTreeSet<SiteIndex>,
    /// Sites to be told first what they do not know.
    pub teach: BTreeSet<SiteIndex>,
    /// Sites that were told.
    pub taught: BTreeSet<SiteIndex>,
    pub not_before: Duration,
}

/// How much of what may still come has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Came {
    Some,
    /// Nothing came for a while: more is not expected to change what has to be told to the person.
    Most,
    Everything,
}

/// What to do next.
pub(super) enum Decision {
    /// More has to come.
    Await,
    /// First these sites have to know of the spent slots.
    Teach(BTreeSet<SiteIndex>),
    /// Seconds.
    Pause(u64),
    Vote {
        slot: Slot,
        quorum: usize,
    },
    Stop(Stop),
}

/// Where the account stands.
pub(super) struct Standing<'a> {
    known: &'a Known,
    gathered: &'a Gathered,
    facts: &'a AccountFacts,
    record: &'a Record,
    /// The first that is not spent.
    slot: Slot,
}

impl<'a> Standing<'a> {
    /// By the record that t sites showed.
    pub(super) fn of(known: &'a Known, gathered: &'a Gathered) -> Option<Self> {
        let facts = gathered.facts()?;
        let record = &gathered.agreed_record()?.record;
        Some(Self { known, gathered, facts, record, slot: next_slot(known, facts) })
    }

    /// Compares the header, looks for enough sites, and for how long they wait.
    pub(super) fn decide(
        &self,
        header: &Header,
        taught: &BTreeSet<SiteIndex>,
        came: Came,
        now: Duration,
    ) -> Decision {
        if let Err(altered) = header.check(self.record) {
            // Sites that are behind would make a true header look altered.
            let sure = !matches!(altered, VaultError::HeaderAltered(_));
            return stop_if(sure || came == Came::Everything, Stop::Because(altered));
        }
        if self.slot > self.record.policy.max_tries {
            let used_up = used_up(self.known, self.gathered);
            return stop_if(came >= Came::Most, Stop::Because(used_up));
        }
        let behind: BTreeSet<_> = self.behind().difference(taught).copied().collect();
        if !behind.is_empty() {
            return Decision::Teach(behind);
        }
        let ready = self.ready(now);
        let quorum = self.known.keys.quorum(self.slot);
        if ready.len() < quorum {
            let too_few = Stop::TooFew { answered: ready.len(), needed: quorum };
            return stop_if(came == Came::Everything, too_few);
        }
        match self.wait(&ready, quorum, now) {
            0 => Decision::Vote { slot: self.slot, quorum },
            short @ 1..=SHORT_WAIT => Decision::Pause(short),
            seconds => {
                let too_soon = Stop::Because(VaultError::TooSoon { seconds });
                stop_if(came >= Came::Most, too_soon)
            }
        }
    }

    /// Sites that can vote for a try in this slot: they know of the slots before it, and their
    /// clocks tolerate its time. Fewer than a quorum of votes would spend the slot for nothing.
    fn ready(&self, now: Duration) -> BTreeSet<SiteIndex> {
        let time = self.gathered.time(now).unwrap_or_default();
        let tolerates = |site: SiteIndex| {
            let clock = self.gathered.clock(site, now).unwrap_or_default();
            clock.abs_diff(time) <= CLOCK_TOLERANCE
        };
        let views = self.gathered.views();
        let ready = |site: SiteIndex, view: &SiteView| {
            self.is_open(view) && !self.is_behind(view) && tolerates(site)
        };
        views.filter(|(site, view)| ready(*site, view)).map(|(site, _)| site).collect()
    }

    /// Sites that would begin to wait only when they are told of the spent slots: by then others
    /// would have voted, and the slot would be lost.
    fn behind(&self) -> BTreeSet<SiteIndex> {
        let views = self.gathered.views();
        let behind = |view: &SiteView| self.is_open(view) && self.is_behind(view);
        views.filter(|(_, view)| behind(view)).map(|(site, _)| site).collect()
    }

    /// Seconds until a quorum of them votes in this slot, by their own words.
    fn wait(&self, ready: &BTreeSet<SiteIndex>, quorum: usize, now: Duration) -> u64 {
        let waits = ready.iter().map(|site| self.gathered.wait_of(*site, self.slot, now));
        let mut waits: Vec<_> = waits.collect();
        waits.sort_unstable();
        waits.get(quorum.saturating_sub(1)).copied().unwrap_or(0)
    }

    fn is_open(&self, view: &SiteView) -> bool {
        let same = view.record.is_some_and(|(version, _)| version == self.record.version);
        same && !view.removed && view.own.code == CodeState::Open
    }

    /// Only delays make a difference.
    fn is_behind(&self, view: &SiteView) -> bool {
        let knows = view.round == self.facts.round()
            && view.spent(self.known.threshold()) >= self.slot.saturating_sub(1);
        self.slot >= FIRST_DELAYED_TRY && !knows
    }
}

fn stop_if(enough: bool, stop: Stop) -> Decision {
    if enough { Decision::Stop(stop) } else { Decision::Await }
}
