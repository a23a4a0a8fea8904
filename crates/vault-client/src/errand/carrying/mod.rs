//! Telling every site, and counting what they sign.

mod ask;
mod count;

use super::{Cargo, Carried, Errand};
use crate::conversation::{Heard, Pending, Plan, Proceed};
use crate::fleet::Known;
use crate::liars::{Liars, Lie};
use crate::site_notes::SiteNotes;
use crate::spread::Spread;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use vault_facts::{Proofs, RealSignatures, VoteKeys};
use vault_protocol::{Answer, News, Request, SiteIndex};

/// Once t sites have acknowledged, others that were asked may take so long.
const STRAGGLERS: Duration = Duration::from_secs(2);
/// Once enough have, and with them whatever a person is told.
const LAST: Duration = Duration::from_millis(250);

/// One errand under way.
pub(crate) struct Carrying {
    errand: Errand,
    known: Arc<Known>,
    vote_keys: VoteKeys,
    pub liars: Liars,
    /// Sites that have answered what they were asked for, whatever they said.
    done: BTreeSet<SiteIndex>,
    /// Sites that say they did not evaluate the try: they are asked to.
    to_evaluate: BTreeSet<SiteIndex>,
    /// Sites that were asked to, once.
    asked_to_evaluate: BTreeSet<SiteIndex>,
    /// Sites that sign with a key that is not known yet: they are asked to show it.
    unknown_key: BTreeSet<SiteIndex>,
    /// Sites that were asked to, once.
    asked_for_key: BTreeSet<SiteIndex>,
    /// Sites that are past it already: they only have to say so.
    past: BTreeSet<SiteIndex>,
    /// Sites that answered anything.
    answering: BTreeSet<SiteIndex>,
    /// A person waits for something else than this errand: silent sites are not waited for.
    in_passing: bool,
    until: Duration,
    stored: Option<Duration>,
    settled: Option<Duration>,
}

impl Carrying {
    pub(crate) fn new(
        known: Arc<Known>,
        errand: Errand,
        vote_keys: VoteKeys,
        patience: Duration,
        now: Duration,
    ) -> Self {
        let none = BTreeSet::new;
        let mut carrying = Self {
            errand,
            known,
            vote_keys,
            liars: Liars::default(),
            done: none(),
            to_evaluate: none(),
            asked_to_evaluate: none(),
            unknown_key: none(),
            asked_for_key: none(),
            past: none(),
            answering: none(),
            in_passing: false,
            until: now + patience,
            stored: None,
            settled: None,
        };
        carrying.leave_what_does_not_hold();
        carrying
    }

    /// At the end of another conversation, in which these sites answered.
    pub(crate) fn in_passing(self, answering: BTreeSet<SiteIndex>) -> Self {
        Self { answering, in_passing: true, ..self }
    }

    pub(crate) fn finish(self, notes: SiteNotes) -> Carried {
        let spread = self.spread();
        let mut notes = notes;
        for (site, lies) in self.liars.0 {
            notes.liars.entry(site).or_default().extend(lies);
        }
        let matter = self.errand.matter();
        let errand = (!spread.is_everywhere()).then_some(self.errand);
        Carried { matter, spread, errand, notes }
    }

    /// Every word in the errand was verified.
    fn spread(&self) -> Spread {
        let sites = self.errand.words.iter().map(|word| word.statement.site);
        Spread::new(self.known.sites(), sites.collect())
    }

    fn proofs(&self) -> Proofs<'_> {
        let Self { known, vote_keys, .. } = self;
        Proofs { keys: &known.keys, vote_keys, signatures: &RealSignatures }
    }
}

impl Plan for Carrying {
    fn next(&mut self, site: SiteIndex, _: Duration) -> Option<Request> {
        let acknowledged = self.errand.words.iter().any(|word| word.statement.site == site);
        if acknowledged || self.done.contains(&site) {
            return None;
        }
        if self.unknown_key.contains(&site) {
            return Some(Request::Show { account: self.errand.account });
        }
        if self.past.contains(&site) {
            let account = self.errand.account;
            return Some(Request::Learn { account, news: News::default() });
        }
        match &self.errand.cargo {
            Cargo::Confirmation(confirmation) => self.confirm(site, confirmation),
            Cargo::Facts(_) | Cargo::Record { .. } => self.tell(),
        }
    }

    fn heard(&mut self, site: SiteIndex, request: &Request, heard: Heard, _: Duration) {
        if let Heard::Lost = heard {
            return;
        }
        self.answering.insert(site);
        if !self.is_of_this_stage(request) {
            return;
        }
        self.done.insert(site);
        self.unknown_key.remove(&site);
        let answer = match heard {
            Heard::Refused(refusal) => return self.refused(site, request, &refusal),
            Heard::Answer(answer) => *answer,
            Heard::Lost => return,
        };
        match answer {
            Answer::Acknowledged { words, certificates } => {
                self.acknowledged(site, words, &certificates);
            }
            Answer::Receipt(receipt) => self.receipt(site, receipt),
            // It evaluated, so it can be shown the right code now.
            Answer::Share { .. } => {
                self.to_evaluate.remove(&site);
                self.done.remove(&site);
            }
            Answer::Shown(shown) => {
                self.done.remove(&site);
                if shown.certificate.site == site {
                    self.learn(&shown.certificate);
                }
            }
            _ => self.liars.caught(site, Lie::WrongAnswer),
        }
    }

    fn proceed(&mut self, pending: &Pending, now: Duration) -> Proceed {
        let spread = self.spread();
        if spread.is_everywhere() || pending.is_empty() || now >= self.until {
            return Proceed::Over;
        }
        let mut until = self.until;
        if spread.is_stored() {
            until = until.min(*self.stored.get_or_insert(now) + STRAGGLERS);
        }
        if spread.is_settled() && self.in_passing {
            until = until.min(*self.settled.get_or_insert(now) + LAST);
        }
        let silent_alone = self.in_passing && pending.is_disjoint(&self.answering);
        if (spread.is_stored() && silent_alone) || now >= until {
            return Proceed::Over;
        }
        Proceed::Until(until)
    }
}

impl Carrying {
    /// Not an answer to what was asked for before the round was over, or before the errand began.
    fn is_of_this_stage(&self, request: &Request) -> bool {
        match &self.errand.cargo {
            Cargo::Confirmation(_) => !matches!(request, Request::Vote { .. }),
            Cargo::Facts(_) => matches!(request, Request::Learn { .. }),
            Cargo::Record { .. } => {
                matches!(request, Request::Register { .. } | Request::Learn { .. })
            }
        }
    }
}
