//! From a certified try to its shares, and to what they open.

use super::evaluation::{Evaluation, Shares};
use crate::conversation::{Heard, Pending, Plan, Proceed};
use crate::fleet::Known;
use crate::gathered::Gathered;
use crate::liars::Lie;
use recovery_crypto::{Opened, ShareAnswer};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use vault_protocol::{Answer, Refusal, Request, SiteIndex};

/// Without anything new for so long, what was not answered is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long to wait for further shares once t do not open.
const FURTHER_SHARES: Duration = Duration::from_secs(2);

/// Asks for the evaluation of one try.
pub(super) struct Evaluating {
    pub evaluation: Evaluation,
    pub gathered: Gathered,
    pub outcome: Outcome,
    known: Arc<Known>,
    /// Sites that know of a newer round or version: they are asked to prove it.
    again: BTreeSet<SiteIndex>,
    /// Something came that was not looked at yet.
    fresh: bool,
    moved: Duration,
    /// Since when t shares are here that open nothing.
    closed_since: Option<Duration>,
}

/// What the shares came to.
pub(super) enum Outcome {
    /// Too few sites evaluated it.
    TooFew,
    Opened(Box<Opened>),
    /// t sites or more evaluated it, and no t of their shares are on the owner's polynomial.
    DoesNotOpen,
    /// The round or the code is another one by now: nobody evaluates this try any more.
    Superseded,
}

impl Evaluating {
    pub(super) fn new(
        known: Arc<Known>,
        gathered: Gathered,
        evaluation: Evaluation,
        now: Duration,
    ) -> Self {
        Self {
            evaluation,
            gathered,
            outcome: Outcome::TooFew,
            known,
            again: BTreeSet::new(),
            fresh: true,
            moved: now,
            closed_since: None,
        }
    }

    fn is_superseded(&self) -> bool {
        let tried = &self.evaluation.certificate.tried;
        self.gathered.facts().is_some_and(|facts| {
            let newer = facts.record().is_some_and(|r| r.record.version > tried.version);
            facts.is_removed() || facts.round() > tried.round || newer
        })
    }

    fn heard_evaluate(&mut self, site: SiteIndex, heard: Heard) {
        match heard {
            Heard::Answer(answer) => match *answer {
                Answer::Share { beta, masked_share } => {
                    self.evaluation.share(ShareAnswer { site, beta, masked_share });
                }
                _ => {
                    self.gathered.liars.caught(site, Lie::WrongAnswer);
                    self.evaluation.refused(site, Refusal::Malformed);
                }
            },
            Heard::Refused(refusal) => {
                if self.knows_more(&refusal) {
                    self.again.insert(site);
                }
                self.evaluation.refused(site, refusal);
            }
            Heard::Lost => {}
        }
    }

    fn knows_more(&self, refusal: &Refusal) -> bool {
        let tried = &self.evaluation.certificate.tried;
        match refusal {
            Refusal::WrongVersion { current } => *current > tried.version,
            Refusal::WrongRound { current } => *current > tried.round,
            Refusal::Removed => true,
            _ => false,
        }
    }

    fn look(&mut self, now: Duration) {
        match self.evaluation.open(&self.known) {
            Shares::Open(opened) => {
                for liar in &opened.liars {
                    self.gathered.liars.caught(*liar, Lie::WrongShare);
                }
                self.outcome = Outcome::Opened(opened);
            }
            Shares::DoNotOpen => {
                self.closed_since.get_or_insert(now);
                self.outcome = Outcome::DoesNotOpen;
            }
            Shares::TooFew if self.is_superseded() => self.outcome = Outcome::Superseded,
            Shares::TooFew => {}
        }
    }
}

impl Plan for Evaluating {
    fn next(&mut self, site: SiteIndex, _: Duration) -> Option<Request> {
        let Evaluation { certificate, blinded, .. } = &self.evaluation;
        if self.again.contains(&site) {
            return Some(Request::Show { account: certificate.tried.account });
        }
        if self.evaluation.has_heard(site) {
            return None;
        }
        let news = self.gathered.news_for(site, &certificate.votes);
        let alpha = blinded.alpha();
        Some(Request::Evaluate { certificate: certificate.clone(), alpha, news })
    }

    fn heard(&mut self, site: SiteIndex, request: &Request, heard: Heard, now: Duration) {
        self.moved = now;
        self.fresh = true;
        match (request, heard) {
            (Request::Evaluate { .. }, heard) => self.heard_evaluate(site, heard),
            (Request::Show { .. }, heard) => {
                self.again.remove(&site);
                if let Heard::Answer(answer) = heard
                    && let Answer::Shown(shown) = *answer
                {
                    self.gathered.shown(site, *shown, now);
                }
            }
            // A vote that was asked for before comes too late to be needed.
            _ => {}
        }
    }

    fn proceed(&mut self, pending: &Pending, now: Duration) -> Proceed {
        if std::mem::take(&mut self.fresh) {
            self.look(now);
        }
        let until = match &self.outcome {
            Outcome::Opened(_) | Outcome::Superseded => return Proceed::Over,
            Outcome::TooFew => self.moved + PATIENCE,
            Outcome::DoesNotOpen => self.closed_since.unwrap_or(now) + FURTHER_SHARES,
        };
        if pending.is_empty() || now >= until {
            return Proceed::Over;
        }
        Proceed::Until(until)
    }
}
