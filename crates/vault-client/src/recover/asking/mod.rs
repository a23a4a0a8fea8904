//! From looking at an account to a try that a quorum of sites voted for (spec/vault-protocol.md
//! section 7).

mod ballot;
mod heard;
mod looking;
mod reconsider;

use super::Header;
use crate::conversation::{Heard, Pending, Plan, Proceed};
use crate::error::VaultError;
use crate::fleet::Known;
use crate::gathered::Gathered;
use ballot::Ballot;
use looking::{Came, Decision, Looking, Standing};
use reconsider::{Next, reconsider};
use recovery_crypto::AccessSigner;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use vault_protocol::limits::CLOCK_TOLERANCE;
use vault_protocol::{
    Certificate, Point, Record, Refusal, Request, Round, Signature64, SiteIndex, Slot, Try, TryId,
    alpha_digest,
};

/// Without anything new for so long, what was not answered is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(12);
/// A ballot in a slot that others have voted in is given up when it stands still for so long: in
/// the next slot the sites that answer may be enough.
const CONTESTED: Duration = Duration::from_secs(4);
/// How long further sites may change what has to be told to the person.
const SECOND_OPINION: Duration = Duration::from_millis(1500);

/// Who asks, and for what.
pub(super) struct Question {
    pub header: Header,
    pub signer: AccessSigner,
    pub alpha: Point,
}

/// A try with the votes it needs.
pub(super) struct Certified {
    pub certificate: Certificate,
    pub id: TryId,
    /// That t sites showed.
    pub record: Record,
}

/// Why there is no certified try.
pub(super) enum Stop {
    Because(VaultError),
    /// t sites say that the try is not signed with the account's access key. It cost nothing.
    WrongAccess,
    TooFew {
        answered: usize,
        needed: usize,
    },
}

/// Asks for one try.
pub(super) struct Asking<'a> {
    known: Arc<Known>,
    gathered: Gathered,
    question: &'a Question,
    stage: Stage,
    /// Sites that answered when they were asked to show the account, with whatever.
    asked: BTreeSet<SiteIndex>,
    /// The last try that was asked for.
    last: Option<Try>,
    /// Sites that were asked once more because they sign with another key than they showed.
    restarted: BTreeSet<SiteIndex>,
    /// Before each further ballot: two clients at once must not meet again in the next slot.
    pauses: Vec<Duration>,
    /// When something new came.
    moved: Duration,
}

enum Stage {
    Looking(Looking),
    Voting(Ballot),
    Over(Result<Certified, Stop>),
}

impl<'a> Asking<'a> {
    /// There are at most as many ballots as `pauses`, and one.
    pub(super) fn new(
        known: Arc<Known>,
        gathered: Gathered,
        question: &'a Question,
        pauses: Vec<Duration>,
        now: Duration,
    ) -> Self {
        let stage = Stage::Looking(Looking::default());
        Self {
            known,
            gathered,
            question,
            stage,
            asked: BTreeSet::new(),
            last: None,
            restarted: BTreeSet::new(),
            pauses,
            moved: now,
        }
    }

    /// What came of it, what was gathered, and the pauses that are left.
    pub(super) fn finish(self) -> (Result<Certified, Stop>, Gathered, Vec<Duration>) {
        let outcome = match self.stage {
            Stage::Over(outcome) => outcome,
            Stage::Looking(_) | Stage::Voting(_) => Err(Stop::TooFew { answered: 0, needed: 0 }),
        };
        (outcome, self.gathered, self.pauses)
    }

    fn look(&mut self, pending: &Pending, now: Duration) -> Proceed {
        let Stage::Looking(looking) = &mut self.stage else { return Proceed::Over };
        if now < looking.not_before {
            return Proceed::Until(looking.not_before);
        }
        let came = match () {
            () if pending.is_empty() || now >= self.moved + PATIENCE => Came::Everything,
            () if now >= self.moved + SECOND_OPINION => Came::Most,
            () => Came::Some,
        };
        let header = &self.question.header;
        let decision = match Standing::of(&self.known, &self.gathered) {
            Some(standing) => standing.decide(header, &looking.taught, came, now),
            None if self.gathered.facts().is_some_and(|facts| facts.is_removed()) => {
                Decision::Stop(Stop::Because(VaultError::Removed))
            }
            None if came == Came::Everything => {
                Decision::Stop(no_record(&self.known, &self.gathered, header))
            }
            None => Decision::Await,
        };
        match decision {
            Decision::Await if came == Came::Some => Proceed::Until(self.moved + SECOND_OPINION),
            Decision::Await => Proceed::Until(self.moved + PATIENCE),
            Decision::Teach(sites) if sites.is_subset(&looking.teach) => {
                self.until_taught(pending, now)
            }
            Decision::Teach(sites) => {
                looking.teach = sites;
                Proceed::Again
            }
            Decision::Pause(seconds) => {
                looking.not_before = now + Duration::from_secs(seconds);
                Proceed::Until(looking.not_before)
            }
            Decision::Vote { slot, quorum } => self.vote_in(slot, quorum, now),
            Decision::Stop(stop) => self.over(stop),
        }
    }

    /// Sites that cannot be told are left behind.
    fn until_taught(&mut self, pending: &Pending, now: Duration) -> Proceed {
        let Stage::Looking(looking) = &mut self.stage else { return Proceed::Over };
        if pending.is_disjoint(&looking.teach) || now >= self.moved + SECOND_OPINION {
            let taught = std::mem::take(&mut looking.teach);
            looking.taught.extend(taught);
            return Proceed::Again;
        }
        Proceed::Until(self.moved + SECOND_OPINION)
    }

    fn vote_in(&mut self, slot: Slot, quorum: usize, now: Duration) -> Proceed {
        let (Some(facts), Some(at)) = (self.gathered.facts(), self.gathered.time(now)) else {
            return self.over(Stop::TooFew { answered: 0, needed: quorum });
        };
        let tried = self.try_for(facts.round(), slot, at);
        let id = tried.id(&self.known.keys.digest);
        self.last = Some(tried);
        self.stage = Stage::Voting(Ballot::new(tried, id, quorum));
        self.moved = now;
        Proceed::Again
    }

    /// The last one again if it is still good: whoever voted for it gives the same vote.
    fn try_for(&self, round: Round, slot: Slot, at: u64) -> Try {
        let Question { header, signer, alpha } = self.question;
        let same = |last: &Try| {
            last.round == round && last.slot == slot && last.at.abs_diff(at) < CLOCK_TOLERANCE / 2
        };
        if let Some(last) = self.last.filter(same) {
            return last;
        }
        let mut tried = Try {
            account: header.account,
            version: header.version,
            round,
            slot,
            alpha: alpha_digest(alpha),
            at,
            signature: Signature64([0; 64]),
        };
        tried.signature = signer.sign(&tried.message(&self.known.keys.digest));
        tried
    }

    fn count(&mut self, pending: &Pending, now: Duration) -> Proceed {
        let Stage::Voting(ballot) = &self.stage else { return Proceed::Over };
        let agreed = self.gathered.agreed_record();
        if let (Some(certificate), Some(agreed)) = (ballot.certificate(), agreed) {
            let certified = Certified { certificate, id: ballot.id, record: agreed.record };
            self.stage = Stage::Over(Ok(certified));
            return Proceed::Over;
        }
        if ballot.refused(|r| *r == Refusal::WrongAccess) >= self.known.threshold() {
            return self.over(Stop::WrongAccess);
        }
        let undecided = pending.sites().filter(|site| !ballot.has_heard(**site)).count();
        let until = self.moved + self.patience_with(ballot, undecided);
        if now < until {
            return Proceed::Until(until);
        }

        match reconsider(ballot, &self.gathered, &self.known, now) {
            Next::Stop(stop) => self.over(stop),
            Next::Again(again) => self.look_again(again, now),
        }
    }

    /// How long a ballot may stand still.
    fn patience_with(&self, ballot: &Ballot, undecided: usize) -> Duration {
        let wrong = ballot.refused(|r| *r == Refusal::WrongAccess);
        match ballot.is_hopeless(undecided) {
            // They may show that the code is wrong.
            true if wrong > 0 && wrong + undecided >= self.known.threshold() => SECOND_OPINION,
            // They may spend the slot, and the next one is free.
            true if ballot.is_contested() && undecided > 0 && !self.is_spent(ballot) => CONTESTED,
            true => Duration::ZERO,
            false if ballot.is_contested() => CONTESTED,
            false => PATIENCE,
        }
    }

    fn is_spent(&self, ballot: &Ballot) -> bool {
        let slot = ballot.tried.slot;
        self.gathered.facts().is_some_and(|facts| facts.is_spent(&self.known.keys, slot))
    }

    fn look_again(&mut self, again: BTreeSet<SiteIndex>, now: Duration) -> Proceed {
        let Stage::Voting(ballot) = &self.stage else { return Proceed::Over };
        let Some(pause) = self.pauses.pop() else {
            let (answered, needed) = (ballot.votes(), ballot.quorum());
            return self.over(Stop::TooFew { answered, needed });
        };
        let not_before = now + pause;
        self.stage = Stage::Looking(Looking { again, not_before, ..Looking::default() });
        self.moved = not_before;
        Proceed::Again
    }

    fn over(&mut self, stop: Stop) -> Proceed {
        self.stage = Stage::Over(Err(stop));
        Proceed::Over
    }
}

impl Plan for Asking<'_> {
    fn next(&mut self, site: SiteIndex, now: Duration) -> Option<Request> {
        let account = self.question.header.account;
        let show = Some(Request::Show { account });
        let asked = self.asked.contains(&site);
        match &self.stage {
            Stage::Looking(looking) if now < looking.not_before => None,
            Stage::Looking(looking) if looking.teach.contains(&site) => {
                Some(Request::Learn { account, news: self.gathered.news_for(site, &[]) })
            }
            Stage::Looking(looking) if !asked || looking.again.contains(&site) => show,
            Stage::Voting(_) if !asked => show,
            Stage::Voting(_) if self.gathered.view(site).is_none() => None,
            Stage::Voting(ballot) if !ballot.has_heard(site) => {
                let news = self.gathered.news_for(site, &[]);
                Some(Request::Vote { tried: ballot.tried, news })
            }
            Stage::Looking(_) | Stage::Voting(_) | Stage::Over(_) => None,
        }
    }

    fn heard(&mut self, site: SiteIndex, request: &Request, heard: Heard, now: Duration) {
        if !matches!(heard, Heard::Lost) {
            self.moved = self.moved.max(now);
        }
        match request {
            Request::Show { .. } => self.heard_show(site, heard, now),
            Request::Learn { .. } => self.heard_learn(site),
            Request::Vote { tried, .. } => self.heard_vote(site, tried, heard, now),
            _ => {}
        }
    }

    fn proceed(&mut self, pending: &Pending, now: Duration) -> Proceed {
        match &self.stage {
            Stage::Looking(_) => self.look(pending, now),
            Stage::Voting(_) => self.count(pending, now),
            Stage::Over(_) => Proceed::Over,
        }
    }
}

/// Why t sites do not agree on a record, when nothing more comes.
fn no_record(known: &Known, gathered: &Gathered, header: &Header) -> Stop {
    let needed = known.threshold();
    let showed = gathered.views().count();
    let says_none = gathered.without().len();
    if showed == 0 && says_none >= needed {
        let other = header.keys != known.keys.digest;
        return Stop::Because(match other {
            true => VaultError::OtherKeys { keys: header.keys },
            false => VaultError::NoSuchAccount,
        });
    }
    let has_code = gathered.facts().is_some_and(|facts| facts.record().is_some());
    if showed >= needed && !has_code {
        return Stop::Because(VaultError::NoCode);
    }
    Stop::TooFew { answered: showed, needed }
}
