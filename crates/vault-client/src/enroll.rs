//! Registering or replacing a code.

use crate::error::{SiteProblem, VaultError};
use crate::fleet::{Fleet, verdict};
use crate::site_session::SiteSession;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rand_core::OsRng;
use recovery_crypto::oprf::{self, Blinded};
use recovery_crypto::{Registration, RegistrationError, VaultKey};
use vault_protocol::{
    AccountId, Answer, CodeParameters, OwnerKey, Point, Policy, Record, Request, Signature64, SiteIndex, Version,
    record_message,
};

/// A code to register, already stretched.
pub struct Enrolment<'a> {
    pub account: AccountId,
    /// 1 for a new account, else one more than the fleet's.
    pub version: Version,
    pub parameters: CodeParameters,
    /// Argon2id output of the normalised code.
    pub stretched: &'a [u8],
    pub owner: OwnerKey,
    /// Signs with the owner key (Ed25519).
    pub sign: &'a (dyn Fn(&[u8]) -> [u8; 64] + Send + Sync),
}

/// A registration that a majority holds.
#[derive(Debug)]
pub struct Enrolled {
    pub vault_key: VaultKey,
    /// Sites whose share this code can open. Fewer than all: repeat when the others are back.
    pub sites: Vec<SiteIndex>,
}

impl Fleet<'_> {
    /// Registers `enrolment`: every site evaluates, the boxes are made here, a majority stores them.
    pub async fn enroll(&self, enrolment: &Enrolment<'_>) -> Result<Enrolled, VaultError> {
        let blinded = oprf::blind(enrolment.stretched, &mut OsRng)?;
        let (sessions, betas) = self.evaluate_for_registration(enrolment, &blinded).await?;
        let registered = self
            .registration(enrolment)
            .seal(&blinded, &betas, &mut OsRng)
            .map_err(|e: RegistrationError| VaultError::Registration(e.to_string()))?;
        self.store(enrolment, registered.record, sessions).await?;
        Ok(Enrolled { vault_key: registered.vault_key, sites: betas.iter().map(|(i, _)| *i).collect() })
    }

    fn registration(&self, enrolment: &Enrolment<'_>) -> Registration<'_> {
        Registration {
            bundle: self.bundle(),
            account: enrolment.account,
            version: enrolment.version,
            owner: enrolment.owner,
            parameters: enrolment.parameters,
            policy: Policy::default(),
        }
    }

    async fn evaluate_for_registration(
        &self,
        enrolment: &Enrolment<'_>,
        blinded: &Blinded,
    ) -> Result<(Vec<SiteSession<'_>>, Vec<(SiteIndex, Point)>), VaultError> {
        let (account, version) = (enrolment.account, enrolment.version);
        let request = Request::EvaluateForRegistration { account, version, alpha: blinded.alpha() };
        let (mut sessions, mut betas, mut problems) = (vec![], vec![], vec![]);
        for (index, outcome) in self.collect(&request).await {
            match outcome {
                Ok((session, Answer::Evaluated { beta })) => {
                    sessions.push(session);
                    betas.push((index, beta));
                }
                Ok(_) => problems.push((index, SiteProblem::BadAnswer)),
                Err(problem) => problems.push((index, problem)),
            }
        }
        if betas.len() < self.threshold() {
            return Err(verdict(problems, betas.len(), self.threshold(), self.bundle().sites.len()));
        }
        Ok((sessions, betas))
    }

    /// Hands the record to all sites that are up; t of them must say that it is stored.
    ///
    /// One would do for consensus, but a single site could lie about it.
    async fn store(
        &self,
        enrolment: &Enrolment<'_>,
        record: Record,
        mut sessions: Vec<SiteSession<'_>>,
    ) -> Result<(), VaultError> {
        let signature = Signature64((enrolment.sign)(&record_message(&self.bundle().fleet_id, &record)));
        let request = &Request::Register { record, signature };
        let mut replies: FuturesUnordered<_> =
            sessions.iter_mut().map(|s| async move { (s.index, s.ask(request).await) }).collect();
        let (mut stored, mut problems) = (0, vec![]);
        while let Some((index, reply)) = replies.next().await {
            match reply {
                Ok(Answer::Registered { version }) if version == enrolment.version => stored += 1,
                Ok(_) => problems.push((index, SiteProblem::BadAnswer)),
                Err(problem) => problems.push((index, problem)),
            }
            if stored >= self.threshold() {
                return Ok(());
            }
        }
        Err(verdict(problems, stored, self.threshold(), self.bundle().sites.len()))
    }
}
