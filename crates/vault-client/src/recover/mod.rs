//! One guess with a code, and the confirmation that gives the tries back.
//!
//! ```text
//! asking       Show at every site; the header against the record that t sites showed; a slot, a
//!              time; Vote
//! evaluating   Evaluate with the votes of a quorum; shares; what they open
//! errand       Confirm; t receipts end the round; Learn, until every site has acknowledged it
//! ```

mod asking;
mod evaluating;
mod evaluation;
mod header;
mod unfinished;
mod wrong_code;

pub use header::Header;
pub use unfinished::Unfinished;

use crate::conversation::Lanes;
use crate::errand::{Cargo, Carried, Carrying, Confirmation, Errand};
use crate::error::VaultError;
use crate::fleet::Fleet;
use crate::gathered::Gathered;
use crate::site_notes::{SiteNotes, SiteProblem};
use crate::spread::Spread;
use crate::verdict;
use asking::{Asking, Certified, Question, Stop};
use evaluating::{Evaluating, Outcome};
use evaluation::Evaluation;
use rand_core::RngCore;
use recovery_crypto::Draw;
use recovery_crypto::oprf;
use recovery_crypto::{AccessSigner, CodeContext, Opened, VaultKey};
use std::collections::BTreeMap;
use std::time::Duration;
use vault_protocol::{CodeOrigin, News, Refusal, SiteIndex, Slot, confirm_proof};

/// Slots that one guess may lose to other tries before it is given up.
const MAX_BALLOTS: usize = 3;
/// The longest pause before the next slot, in milliseconds; the shortest is a tenth of it.
const MAX_PAUSE: u64 = 600;
/// How long sites that ask to wait are waited for.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long a right code waits for its confirmation before it is handed to the person anyway.
const CONFIRMATION: Duration = Duration::from_secs(2);

/// A code to try.
pub struct Attempt<'a> {
    /// What the backup says about it. Compared with what the owner signed before a try is spent.
    pub header: Header,
    /// Argon2id output of the code.
    pub stretched: &'a [u8; 32],
    /// The secret in the backup's header that the access key is made with.
    pub secret: &'a [u8; 32],
}

/// A code that was right.
#[derive(Debug)]
pub struct Recovered {
    /// What the code brought back.
    pub vault_key: VaultKey,
    /// Which sites acknowledged that the round is over: all tries are back when it is settled.
    pub spread: Spread,
    /// The end of the round, to be carried on with; none once every site has acknowledged it.
    pub errand: Option<Errand>,
    /// The slot that was used.
    pub slot: Slot,
    /// Sites whose shares lie on the owner's polynomial.
    pub used: Vec<SiteIndex>,
    /// What there is to say of single sites.
    pub notes: SiteNotes,
}

impl Fleet {
    /// One guess. It is evaluated at most once, whatever happens on the way, and answers as soon as
    /// t shares open, without waiting for slow sites.
    ///
    /// # Errors
    /// [`VaultError::WrongCode`], [`VaultError::HeaderAltered`], [`VaultError::OldCode`],
    /// [`VaultError::OtherKeys`], [`VaultError::NoSuchAccount`], [`VaultError::NoCode`],
    /// [`VaultError::Removed`], [`VaultError::Destroyed`], [`VaultError::Frozen`],
    /// [`VaultError::TooSoon`], [`VaultError::Unfinished`], [`VaultError::TooFewSites`],
    /// [`VaultError::OlderFleet`], [`VaultError::Input`].
    pub async fn recover(&self, attempt: &Attempt<'_>) -> Result<Recovered, VaultError> {
        let rng = &mut Draw(&*self.ports.randomness);
        let blinded = oprf::blind(attempt.stretched, rng);
        let mut blinded = blinded.map_err(|e| VaultError::Input(e.to_string()))?;
        let header = attempt.header;
        let question = Question { header, signer: attempt.signer(self), alpha: blinded.alpha() };
        let mut pauses: Vec<_> = (1..MAX_BALLOTS).map(|_| pause(rng)).collect();
        let mut gathered = Gathered::new(self.known.clone(), header.account);
        let mut lanes = Lanes::new(self, Some(header.account), PATIENCE);
        loop {
            let known = self.known.clone();
            let mut asking = Asking::new(known.clone(), gathered, &question, pauses, lanes.now());
            lanes.run(&mut asking).await;
            let (certified, so_far, left) = asking.finish();
            pauses = left;
            let Certified { certificate, id, record } =
                certified.map_err(|stop| self.stopped(stop, &so_far, &header, &lanes))?;
            let evaluation = Evaluation::new(certificate, id, blinded, record);
            let mut evaluating = Evaluating::new(known, so_far, evaluation, lanes.now());
            lanes.run(&mut evaluating).await;
            if !matches!(evaluating.outcome, Outcome::Superseded) || pauses.pop().is_none() {
                return self.conclude(evaluating, lanes).await;
            }
            (blinded, gathered) = (evaluating.evaluation.blinded, evaluating.gathered);
        }
    }

    /// Goes on with a guess that too few sites evaluated: the same try, at the sites that did not.
    /// It costs nothing more.
    ///
    /// # Errors
    /// As [`Fleet::recover`].
    pub async fn resume(&self, unfinished: Unfinished) -> Result<Recovered, VaultError> {
        let Unfinished { mut evaluation, gathered, .. } = unfinished;
        evaluation.ask_again();
        let account = gathered.account;
        let mut lanes = Lanes::new(self, Some(account), PATIENCE);
        let known = self.known.clone();
        let mut evaluating = Evaluating::new(known, gathered, evaluation, lanes.now());
        lanes.run(&mut evaluating).await;
        self.conclude(evaluating, lanes).await
    }

    async fn conclude(
        &self,
        evaluating: Evaluating,
        mut lanes: Lanes,
    ) -> Result<Recovered, VaultError> {
        let Evaluating { evaluation, gathered, outcome, .. } = evaluating;
        let opened = match outcome {
            Outcome::Opened(opened) => *opened,
            Outcome::DoesNotOpen => {
                return Err(wrong_code::spent(&self.known, evaluation, gathered, lanes.notes()));
            }
            Outcome::TooFew | Outcome::Superseded => {
                let unfinished = Unfinished::new(&self.known, evaluation, gathered, lanes.notes());
                return Err(VaultError::Unfinished(Box::new(unfinished)));
            }
        };
        let slot = evaluation.certificate.tried.slot;
        let errand = self.confirmation(&evaluation, &gathered, &opened);
        let (vote_keys, liars) = gathered.into_keys();
        let now = lanes.now();
        let carrying = Carrying::new(self.known.clone(), errand, vote_keys, CONFIRMATION, now);
        let mut carrying = carrying.in_passing(lanes.answering());
        carrying.liars = liars;
        lanes.run(&mut carrying).await;
        let Carried { spread, errand, notes, .. } = carrying.finish(lanes.notes());
        let Opened { vault_key, mut used, .. } = opened;
        used.sort_unstable();
        Ok(Recovered { vault_key, spread, errand, slot, used, notes })
    }

    fn confirmation(
        &self,
        evaluation: &Evaluation,
        gathered: &Gathered,
        opened: &Opened,
    ) -> Errand {
        let Evaluation { certificate, id, blinded, .. } = evaluation;
        let keys = self.keys();
        let tags = opened.tags.iter();
        let proofs: BTreeMap<_, _> =
            tags.map(|(site, tag)| (*site, confirm_proof(tag, &keys, id, site.0))).collect();
        let news = gathered.everything();
        let signed = news.statements().chain(&certificate.votes);
        let certificates = gathered.certificates(signed);
        let confirmation = Confirmation {
            certificate: certificate.clone(),
            alpha: blinded.alpha(),
            proofs,
            receipts: Vec::new(),
            news: News { certificates: Vec::new(), ..news },
        };
        let cargo = Cargo::Confirmation(Box::new(confirmation));
        Errand::new(gathered.account, keys, cargo, certificates)
    }

    fn stopped(
        &self,
        stop: Stop,
        gathered: &Gathered,
        header: &Header,
        lanes: &Lanes,
    ) -> VaultError {
        let mut notes = SiteNotes { liars: gathered.liars.0.clone(), ..lanes.notes() };
        match stop {
            Stop::Because(error) => error,
            Stop::WrongAccess => wrong_code::unspent(&self.known, gathered, header, notes),
            Stop::TooFew { answered, needed } => {
                for (site, clock) in gathered.apart(lanes.now()) {
                    notes
                        .problems
                        .entry(site)
                        .or_insert(SiteProblem::Refused(Refusal::WrongTime { clock }));
                }
                verdict::too_few(&self.known, answered, needed, notes)
            }
        }
    }
}

impl Attempt<'_> {
    fn signer(&self, fleet: &Fleet) -> AccessSigner {
        let Header { account, version, origin, .. } = self.header;
        match origin {
            CodeOrigin::Own => AccessSigner::of_own_code(self.secret),
            CodeOrigin::Generated => {
                let context = CodeContext { keys: fleet.keys(), account, version };
                AccessSigner::of_generated_code(&context, self.stretched, self.secret)
            }
        }
    }
}

fn pause(rng: &mut impl RngCore) -> Duration {
    let shortest = MAX_PAUSE / 10;
    Duration::from_millis(shortest + rng.next_u64() % (MAX_PAUSE - shortest))
}
