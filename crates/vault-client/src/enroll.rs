//! Registering a code, or replacing it (spec/vault-protocol.md section 8).

use crate::collect::Collecting;
use crate::conversation::Lanes;
use crate::errand::{Cargo, Carried, Carrying, Errand};
use crate::error::VaultError;
use crate::fleet::Fleet;
use crate::liars::{Liars, Lie};
use crate::owner::Owner;
use crate::site_notes::SiteNotes;
use crate::verdict;
use recovery_crypto::Draw;
use recovery_crypto::oprf::{self, Blinded, Check};
use recovery_crypto::{AccessSigner, CodeContext, Registered, Registration, VaultKey};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use vault_facts::{Proofs, RealSignatures, VoteKeys};
use vault_protocol::{
    Admission, Answer, CodeOrigin, CodeParameters, Point, Policy, Request, SealedRecord,
    SignedRecord, SiteIndex, Statement, StatementOf, Version, VoteKeyCertificate,
};

/// How long silent sites are waited for.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long sites that ask to wait are waited for: a family that enrols at once shares one address,
/// of which a site takes a registration every ten seconds after the first six.
const BUSY: Duration = Duration::from_secs(60);

/// A code to register, already stretched.
pub struct Enrolment<'a> {
    /// Whose account it is; signs the record.
    pub owner: Owner<'a>,
    /// 1 for a new account, else one more than the newest that was seen.
    pub version: Version,
    /// How the code was stretched.
    pub parameters: CodeParameters,
    /// Who made the code.
    pub origin: CodeOrigin,
    /// Argon2id output of the code.
    pub stretched: &'a [u8; 32],
    /// For the backup's header: what the access key is made with.
    pub secret: &'a [u8; 32],
}

/// A registration that t sites have stored.
#[derive(Debug)]
pub struct Enrolled {
    /// What the code brings back.
    pub vault_key: VaultKey,
    /// Sites that have a box. Fewer than all: the code survives fewer outages, until it is replaced
    /// when the others are back.
    pub boxes: BTreeSet<SiteIndex>,
    /// Which sites have stored it. A code that it replaces is dead when that holds despite bad
    /// sites.
    pub carried: Carried,
}

/// A site's evaluation, and what lets others take the account.
struct Evaluated {
    beta: Point,
    check: Point,
    ticket: Statement,
    certificate: VoteKeyCertificate,
}

/// Evaluations that were checked.
#[derive(Default)]
struct Checked {
    betas: Vec<(SiteIndex, Point)>,
    tickets: Vec<Statement>,
    vote_keys: VoteKeys,
    liars: Liars,
}

impl Fleet {
    /// Every site evaluates, which is checked against its key; the boxes are made here; t sites
    /// store them.
    ///
    /// # Errors
    /// [`VaultError::TooFewSites`] if fewer than t sites evaluated, [`VaultError::NotStored`] if
    /// fewer stored it, [`VaultError::OldCode`] if another computer was faster,
    /// [`VaultError::NotOwner`], [`VaultError::Removed`], [`VaultError::OlderFleet`],
    /// [`VaultError::Input`].
    pub async fn enroll(&self, enrolment: &Enrolment<'_>) -> Result<Enrolled, VaultError> {
        let rng = &mut Draw(&*self.ports.randomness);
        let input = |error: oprf::OprfError| VaultError::Input(error.to_string());
        let blinded = oprf::blind(enrolment.stretched, rng).map_err(input)?;
        let check = Check::of(&blinded.alpha(), rng).map_err(input)?;
        let account = enrolment.owner.account();
        let mut lanes = Lanes::new(self, Some(account), BUSY);
        let checked = self.evaluations(enrolment, &blinded, &check, &mut lanes).await?;
        let registered = self.registration(enrolment).seal(&blinded, &checked.betas, rng);
        let registered = registered.map_err(|e| VaultError::Input(e.to_string()))?;
        self.store(enrolment, registered, checked, lanes).await
    }

    async fn evaluations(
        &self,
        enrolment: &Enrolment<'_>,
        blinded: &Blinded,
        check: &Check,
        lanes: &mut Lanes,
    ) -> Result<Checked, VaultError> {
        let account = enrolment.owner.account();
        let (alpha, masked) = (blinded.alpha(), check.alpha());
        let request = Request::EvaluateForRegistration { account, alpha, check: masked };
        let now = lanes.now();
        let plan = Collecting::new(&self.known, request, evaluated, now + PATIENCE);
        let mut plan = plan.patient_with_busy(now + BUSY);
        lanes.run(&mut plan).await;
        let mut checked = Checked { liars: plan.liars, ..Checked::default() };
        self.check(enrolment, check, plan.answers, &mut checked);
        if checked.betas.len() >= self.known.threshold() {
            return Ok(checked);
        }
        let notes = SiteNotes { liars: checked.liars.0, ..lanes.notes() };
        Err(verdict::refused(&self.known, checked.betas.len(), notes))
    }

    /// A device's key is proved before a code rests on it.
    fn check(
        &self,
        enrolment: &Enrolment<'_>,
        check: &Check,
        answers: BTreeMap<SiteIndex, Evaluated>,
        checked: &mut Checked,
    ) {
        let keys = &self.known.keys;
        for (site, evaluated) in answers {
            let device = self.bundle().site(site).and_then(|site| site.device());
            let is_right =
                device.is_some_and(|d| check.holds(&d.oprf_key, &evaluated.beta, &evaluated.check));
            if !is_right {
                checked.liars.caught(site, Lie::WrongEvaluation);
                continue;
            }
            checked.betas.push((site, evaluated.beta));
            checked.vote_keys.learn(keys, &RealSignatures, &evaluated.certificate);
            let vote_keys = &checked.vote_keys;
            let proofs = Proofs { keys, vote_keys, signatures: &RealSignatures };
            let of = StatementOf::Ticket { account: enrolment.owner.account() };
            if evaluated.ticket.site == site && proofs.said(&of, &evaluated.ticket) {
                checked.tickets.push(evaluated.ticket);
            } else {
                checked.liars.caught(site, Lie::WrongStatement("a ticket"));
            }
        }
    }

    fn registration(&self, enrolment: &Enrolment<'_>) -> Registration<'_> {
        let Enrolment { owner, version, parameters, origin, stretched, secret } = enrolment;
        let keys = self.keys();
        let account = owner.account();
        let version = *version;
        let access = match origin {
            CodeOrigin::Own => AccessSigner::of_own_code(secret),
            CodeOrigin::Generated => {
                let context = CodeContext { keys, account, version };
                AccessSigner::of_generated_code(&context, *stretched, secret)
            }
        };
        Registration {
            bundle: self.bundle(),
            claim: owner.claim,
            version,
            access: access.public(),
            parameters: *parameters,
            policy: Policy::of(*origin),
        }
    }

    async fn store(
        &self,
        enrolment: &Enrolment<'_>,
        registered: Registered,
        checked: Checked,
        mut lanes: Lanes,
    ) -> Result<Enrolled, VaultError> {
        let Registered { record, sealed, vault_key } = registered;
        let signature = enrolment.owner.signs(&record.message());
        let signed = SignedRecord { record, signature };
        let boxes = sealed.boxes.iter().map(|sealed| sealed.site).collect();
        let record = Box::new(SealedRecord { signed, sealed });
        let certificates = checked.vote_keys.iter().copied().collect();
        let admission = Some(Admission::Tickets(checked.tickets));
        let cargo = Cargo::Record { record, admission };
        let errand = Errand::new(enrolment.owner.account(), self.keys(), cargo, certificates);
        let known = self.known.clone();
        let now = lanes.now();
        let mut carrying = Carrying::new(known, errand, checked.vote_keys, PATIENCE, now);
        carrying.liars = checked.liars;
        lanes.run(&mut carrying).await;
        if let Some(current) = carrying.replaced_by() {
            return Err(VaultError::OldCode { current });
        }
        let carried = carrying.finish(lanes.notes());
        if carried.spread.is_stored() {
            return Ok(Enrolled { vault_key, boxes, carried });
        }
        let refused = verdict::agreed(&self.known, &carried.notes);
        Err(refused.unwrap_or_else(|| VaultError::NotStored(Box::new(carried))))
    }
}

fn evaluated(answer: Answer) -> Option<Evaluated> {
    match answer {
        Answer::Evaluated { beta, check, ticket, certificate } => {
            Some(Evaluated { beta, check, ticket, certificate })
        }
        _ => None,
    }
}
