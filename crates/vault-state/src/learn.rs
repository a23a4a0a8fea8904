//! Joining what a client or another site tells.

use crate::account::{Own, PasskeyUse};
use crate::{Site, SiteAccount};
use vault_facts::{AccountFacts, FactError, Learned};
use vault_protocol::{
    Certificate, Claim, CodeState, EventKind, News, PasskeyRecord, Refusal, RoundEndProof,
    SealedRecord, SignedRecord, SiteFacts, SlotVote,
};

impl Site<'_> {
    /// Joins whatever of `news` proves itself.
    pub fn learn(&self, account: &mut SiteAccount, news: &News, now: u64) -> Learned {
        let mut learned = account.facts.learn(&self.proofs, news);
        learned.changed |= self.settle(account, now);
        learned
    }

    /// Joins everything that another site knows. An account that is not here yet needs an
    /// admission.
    ///
    /// # Errors
    /// [`Refusal::NotAdmitted`]; [`Refusal::Malformed`] if it is of no account or of another one.
    pub fn learn_from_site(
        &self,
        account: Option<SiteAccount>,
        told: &SiteFacts,
        now: u64,
    ) -> Result<(SiteAccount, Learned), Refusal> {
        let mut learned = Learned::default();
        let mut account = match account {
            Some(account) => account,
            None => self.admitted(claim_of(told)?, told.admission.as_ref(), now)?,
        };
        if account.facts.account() != told.account {
            return Err(Refusal::Malformed);
        }
        if let Some(admission) = told.admission.as_ref().filter(|a| a.is_bounded()) {
            let joined = account.facts.join_admission(&self.proofs, admission);
            learned.changed |= joined.is_ok_and(|changed| changed);
        }
        if let Some(record) = &told.record {
            learned.fact(self.join_record(&mut account, record, now));
        }
        let news = self.learn(&mut account, &told.news, now);
        for passkey in told.passkeys.iter().take(vault_protocol::limits::MAX_PASSKEYS) {
            learned.fact(self.join_passkey(&mut account, passkey, now));
        }
        learned.and(news);
        learned.changed |= self.settle(&mut account, now);
        Ok((account, learned))
    }

    /// A claim whose account this site takes.
    pub(crate) fn admitted(
        &self,
        claim: Claim,
        admission: Option<&vault_protocol::Admission>,
        now: u64,
    ) -> Result<SiteAccount, Refusal> {
        let admission = admission.filter(|a| a.is_bounded()).ok_or(Refusal::NotAdmitted)?;
        let mut facts = AccountFacts::claimed(claim);
        let joined = facts.join_admission(&self.proofs, admission);
        joined.map_err(|_| Refusal::NotAdmitted)?;
        Ok(SiteAccount::claimed(facts, now))
    }

    /// A box that this site destroyed does not come back: of that record only the rest is taken.
    pub(crate) fn join_record(
        &self,
        account: &mut SiteAccount,
        whole: &SealedRecord,
        now: u64,
    ) -> Result<bool, FactError> {
        let before = account.record().map(|record| record.version);
        let offered = whole.signed.record.version;
        let changed = match account.own.destroyed {
            Some(version) if version == offered => {
                account.facts.join_record(&self.proofs, &whole.signed)?
            }
            _ => account.facts.join_sealed_record(&self.proofs, whole)?,
        };
        let held = account.facts.record().map(|signed: &SignedRecord| signed.record.version);
        if changed && held == Some(offered) && before != held {
            let kind = match offered {
                1 => EventKind::Registered { version: 1 },
                version => EventKind::Replaced { version },
            };
            account.own.events.note(now, kind);
        }
        Ok(changed)
    }

    /// A passkey whose registration holds.
    pub(crate) fn join_passkey(
        &self,
        account: &mut SiteAccount,
        passkey: &PasskeyRecord,
        now: u64,
    ) -> Result<bool, FactError> {
        let digest = passkey.digest();
        // Nobody but the owner makes a site verify a registration.
        if !account.facts.names(&digest) || account.facts.passkey(&digest).is_some() {
            return Ok(false);
        }
        let shape = passkey.check_shape(self.proofs.keys.sites(), self.proofs.keys.threshold);
        shape.map_err(|_| FactError::Malformed("the passkey"))?;
        let counter = self.passkeys.registration(
            &passkey.challenge(),
            &passkey.head.credential,
            &passkey.registration,
        );
        let counter = counter.ok_or(FactError::Unproved("the passkey"))?;
        let changed = account.facts.join_passkey(&self.proofs, passkey)?;
        if changed {
            let known = PasskeyUse { digest, added: now, last_used: None, counter };
            account.own.passkeys.push(known);
            account.own.events.note(now, EventKind::PasskeyAdded);
        }
        Ok(changed)
    }

    /// The votes of a certificate, as facts.
    pub(crate) fn learn_votes(
        &self,
        account: &mut SiteAccount,
        certificate: &Certificate,
        now: u64,
    ) {
        let Certificate { tried, votes } = certificate;
        let id = tried.id(&self.proofs.keys.digest);
        for statement in votes.iter().take(self.proofs.keys.sites()) {
            let vote =
                SlotVote { round: tried.round, slot: tried.slot, tried: id, statement: *statement };
            // What does not hold was not counted either.
            let _ = account.facts.join_vote(&self.proofs, &vote);
        }
        self.settle(account, now);
    }

    /// Brings what is this site's own into line with the facts; says whether that changed anything.
    pub(crate) fn settle(&self, account: &mut SiteAccount, now: u64) -> bool {
        let before = account.own.clone();
        let SiteAccount { facts, own } = account;
        if facts.is_removed() {
            forget_all(own, now);
            return *own != before;
        }
        if facts.round() > own.round {
            begin_round(own, facts, now);
        }
        let max = facts.record().map_or(0, |signed| signed.record.policy.max_tries);
        for slot in (1..=max).filter(|slot| facts.is_spent(self.proofs.keys, *slot)) {
            own.slots.entry(slot).or_insert(now);
        }
        let frozen = matches!(account.code_state(self.proofs.keys), CodeState::Frozen { .. });
        let SiteAccount { facts, own } = account;
        if frozen && !own.frozen {
            own.events.note(now, EventKind::Frozen);
        }
        own.frozen = frozen;
        let removed = own.passkeys.iter().filter(|p| facts.passkey(&p.digest).is_none()).count();
        own.passkeys.retain(|p| facts.passkey(&p.digest).is_some());
        (0..removed).for_each(|_| own.events.note(now, EventKind::PasskeyRemoved));
        *own != before
    }
}

fn begin_round(own: &mut Own, facts: &AccountFacts, now: u64) {
    let kind = match facts.round_end().map(|end| &end.proof) {
        Some(RoundEndProof::Reset { .. }) => EventKind::Reset { round: facts.round() },
        _ => EventKind::Confirmed { round: facts.round() },
    };
    own.round = facts.round();
    own.slots.clear();
    own.evaluated.clear();
    own.events.note(now, kind);
}

fn forget_all(own: &mut Own, now: u64) {
    own.slots.clear();
    own.evaluated.clear();
    own.destroyed = None;
    let lines = own.events.lines();
    if lines.last().is_none_or(|line| line.kind != EventKind::Removed) {
        own.events.note(now, EventKind::Removed);
    }
    own.passkeys.clear();
}

/// Whose account it is. A site without a box tells no record, and then only who knows the account
/// can use the rest.
fn claim_of(told: &SiteFacts) -> Result<Claim, Refusal> {
    let of_record = told.record.as_ref().map(|whole| whole.signed.record.claim);
    let of_roster = told.news.roster.as_ref().map(|signed| signed.roster.claim);
    let of_removal = told.news.removal.as_ref().map(|removal| removal.claim);
    of_record.or(of_roster).or(of_removal).ok_or(Refusal::Malformed)
}
