//! Speaking with all sites side by side: a [`Plan`] decides what to ask whom and when it is enough,
//! and [`Lanes`] asks.
//!
//! A plan is pure: it is told what came and what time it is. So each of them is read, and tested,
//! without a network.

mod lanes;

pub(crate) use lanes::Lanes;

use std::collections::BTreeSet;
use std::time::Duration;
use vault_protocol::{Answer, Refusal, Request, SiteIndex};

/// What came of a question.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    Answer(Box<Answer>),
    Refused(Refusal),
    /// The site is not asked any more in this conversation.
    Lost,
}

/// When a plan wants to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proceed {
    /// It is over.
    Over,
    /// There is something new to ask.
    Again,
    /// Nothing happens before something comes, or before this time.
    Until(Duration),
}

/// Sites from which something may still come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pending {
    /// They were asked.
    pub asked: BTreeSet<SiteIndex>,
    /// They wanted to be asked later, and will be, or have just been.
    pub resting: BTreeSet<SiteIndex>,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty() && self.resting.is_empty()
    }

    pub(crate) fn sites(&self) -> impl Iterator<Item = &SiteIndex> {
        self.asked.union(&self.resting)
    }

    /// Nothing comes from any of these.
    pub(crate) fn is_disjoint(&self, sites: &BTreeSet<SiteIndex>) -> bool {
        self.asked.is_disjoint(sites) && self.resting.is_disjoint(sites)
    }
}

/// A conversation with the sites of a fleet.
pub(crate) trait Plan {
    /// What to ask a site that nothing is awaited from; `None`: nothing now.
    fn next(&mut self, site: SiteIndex, now: Duration) -> Option<Request>;

    /// What came of `request`.
    fn heard(&mut self, site: SiteIndex, request: &Request, heard: Heard, now: Duration);

    /// Called after everything that came, and when the time of the last [`Proceed::Until`] has
    /// come. When nothing is pending and nothing is to be asked later, it must be over.
    fn proceed(&mut self, pending: &Pending, now: Duration) -> Proceed;
}
