//! The same question to every site, and whatever they answer.

use crate::conversation::{Heard, Pending, Plan, Proceed};
use crate::fleet::Known;
use crate::liars::{Liars, Lie};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use vault_protocol::{Answer, Request, SiteIndex};

/// How long to wait for further sites once enough have answered.
const STRAGGLERS: Duration = Duration::from_millis(1500);

/// Asks each site once.
pub(crate) struct Collecting<T, R> {
    pub answers: BTreeMap<SiteIndex, T>,
    pub liars: Liars,
    request: Request,
    read: R,
    enough: usize,
    asked: BTreeSet<SiteIndex>,
    until: Duration,
    busy_until: Duration,
}

impl<T, R: Fn(Answer) -> Option<T>> Collecting<T, R> {
    /// `read` takes the answers that fit the question. Waits for t sites until `until`, and a
    /// little longer for the others.
    pub(crate) fn new(known: &Known, request: Request, read: R, until: Duration) -> Self {
        Self {
            answers: BTreeMap::new(),
            liars: Liars::default(),
            request,
            read,
            enough: known.threshold(),
            asked: BTreeSet::new(),
            until,
            busy_until: Duration::ZERO,
        }
    }

    /// Waits for longer for sites that asked to wait.
    pub(crate) fn patient_with_busy(self, busy_until: Duration) -> Self {
        Self { busy_until, ..self }
    }

    /// Asks only these sites.
    pub(crate) fn of(mut self, known: &Known, sites: &BTreeSet<SiteIndex>) -> Self {
        self.asked = known.indexes().filter(|site| !sites.contains(site)).collect();
        self
    }

    /// Waits for all sites alike.
    pub(crate) fn for_all(self) -> Self {
        Self { enough: usize::MAX, ..self }
    }
}

impl<T, R: Fn(Answer) -> Option<T>> Plan for Collecting<T, R> {
    fn next(&mut self, site: SiteIndex, _: Duration) -> Option<Request> {
        (!self.asked.contains(&site)).then(|| self.request.clone())
    }

    fn heard(&mut self, site: SiteIndex, _: &Request, heard: Heard, now: Duration) {
        self.asked.insert(site);
        let Heard::Answer(answer) = heard else { return };
        match (self.read)(*answer) {
            Some(read) => self.answers.insert(site, read).map_or((), drop),
            None => self.liars.caught(site, Lie::WrongAnswer),
        }
        if self.answers.len() == self.enough {
            self.until = self.until.min(now + STRAGGLERS);
        }
    }

    fn proceed(&mut self, pending: &Pending, now: Duration) -> Proceed {
        let until = match pending.resting.is_empty() {
            true => self.until,
            false => self.until.max(self.busy_until),
        };
        if pending.is_empty() || now >= until {
            return Proceed::Over;
        }
        Proceed::Until(until)
    }
}
