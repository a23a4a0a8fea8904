//! Looking at an account. It spends nothing.

use crate::conversation::{Heard, Lanes, Pending, Plan, Proceed};
use crate::error::VaultError;
use crate::fleet::{Fleet, Known};
use crate::gathered::Gathered;
use crate::liars::Lie;
use crate::seen::Seen;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use vault_protocol::{AccountId, Answer, Refusal, Request, SiteIndex};

/// How long to wait for further sites once t have answered: some times what these took, so that
/// sites that hang do not hold a person up where the others are quick.
const STRAGGLERS: u32 = 4;
const SHORTEST: Duration = Duration::from_millis(400);
const LONGEST: Duration = Duration::from_millis(1500);
/// How long to wait for t sites, and for those among them that ask to wait.
const PATIENCE: Duration = Duration::from_secs(12);

impl Fleet {
    /// What the sites show of an account, side by side.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`], [`VaultError::TooFewSites`], [`VaultError::OlderFleet`].
    pub async fn look(&self, account: AccountId) -> Result<Seen, VaultError> {
        let mut lanes = Lanes::new(self, Some(account), PATIENCE);
        let mut plan = Looking::new(self.known.clone(), account, lanes.now());
        lanes.run(&mut plan).await;
        Seen::of(plan.gathered, self.known.clone(), lanes.notes(), lanes.now())
    }
}

struct Looking {
    known: Arc<Known>,
    gathered: Gathered,
    answered: BTreeSet<SiteIndex>,
    began: Duration,
    until: Duration,
}

impl Looking {
    fn new(known: Arc<Known>, account: AccountId, now: Duration) -> Self {
        Self {
            gathered: Gathered::new(known.clone(), account),
            known,
            answered: BTreeSet::new(),
            began: now,
            until: now.saturating_add(PATIENCE),
        }
    }
}

impl Plan for Looking {
    fn next(&mut self, site: SiteIndex, _: Duration) -> Option<Request> {
        let account = self.gathered.account;
        (!self.answered.contains(&site)).then_some(Request::Show { account })
    }

    fn heard(&mut self, site: SiteIndex, _: &Request, heard: Heard, now: Duration) {
        self.answered.insert(site);
        match heard {
            Heard::Answer(answer) => match *answer {
                Answer::Shown(shown) => self.gathered.shown(site, *shown, now),
                _ => self.gathered.liars.caught(site, Lie::WrongAnswer),
            },
            Heard::Refused(Refusal::NoSuchAccount) => self.gathered.has_none(site),
            Heard::Refused(_) | Heard::Lost => {}
        }
        let useful = self.gathered.views().count() + self.gathered.without().len();
        if useful == self.known.threshold() {
            let took = now.saturating_sub(self.began);
            let further = took.saturating_mul(STRAGGLERS).clamp(SHORTEST, LONGEST);
            self.until = self.until.min(now.saturating_add(further));
        }
    }

    fn proceed(&mut self, pending: &Pending, now: Duration) -> Proceed {
        if pending.is_empty() || now >= self.until {
            return Proceed::Over;
        }
        Proceed::Until(self.until)
    }
}
