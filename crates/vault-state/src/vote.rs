//! One vote for each slot, for ever.

use crate::{Site, SiteAccount};
use vault_protocol::limits::CLOCK_TOLERANCE;
use vault_protocol::{CodeState, EventKind, Refusal, SlotVote, StatementOf, Try};

/// What a site says to a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// Its vote, now or before.
    For(SlotVote),
    /// Its vote in this slot went to another try before.
    ForAnother(SlotVote),
}

impl Site<'_> {
    /// Votes for a try, if it never voted in this slot and every rule of spec/vault-protocol.md
    /// section 7.2 holds. Slots that are spent must have been learned before.
    ///
    /// # Errors
    /// [`Refusal::NoSuchAccount`] (no code), [`Refusal::Removed`], [`Refusal::Destroyed`],
    /// [`Refusal::Frozen`], [`Refusal::WrongVersion`], [`Refusal::WrongRound`],
    /// [`Refusal::WrongSlot`], [`Refusal::WrongAccess`], [`Refusal::WrongTime`],
    /// [`Refusal::TooSoon`], [`Refusal::NoBox`]. The account may have changed all the same: it has
    /// to be stored.
    pub fn vote(&self, account: &mut SiteAccount, tried: &Try, now: u64) -> Result<Vote, Refusal> {
        self.destroy_if_due(account, now);
        self.check_account(account, tried)?;
        let id = tried.id(&self.proofs.keys.digest);
        if let Some(vote) = account.facts.vote_of(tried.slot, self.index) {
            return Ok(if vote.tried == id { Vote::For(vote) } else { Vote::ForAnother(vote) });
        }
        self.check_slot(account, tried, now)?;
        self.check_time(account, tried, now)?;
        self.give(account, tried, now).map(Vote::For)
    }

    /// Everything about a try that does not depend on time.
    fn check_account(&self, account: &SiteAccount, tried: &Try) -> Result<(), Refusal> {
        match account.code_state(self.proofs.keys) {
            CodeState::None => return Err(Refusal::NoSuchAccount),
            CodeState::Removed => return Err(Refusal::Removed),
            CodeState::Destroyed => return Err(Refusal::Destroyed),
            CodeState::Open | CodeState::Frozen { .. } => {}
        }
        self.check_current(account, tried)?;
        let sealed = account.facts.sealed().ok_or(Refusal::NoBox)?;
        if !self.proofs.asked(tried, &sealed.access.key) {
            return Err(Refusal::WrongAccess);
        }
        Ok(())
    }

    /// Version and round are those that this site knows.
    pub(crate) fn check_current(&self, account: &SiteAccount, tried: &Try) -> Result<(), Refusal> {
        let current = account.record().ok_or(Refusal::NoSuchAccount)?.version;
        if tried.account != account.facts.account() {
            return Err(Refusal::Malformed);
        }
        if tried.version != current {
            return Err(Refusal::WrongVersion { current });
        }
        let current = account.facts.round();
        if tried.round != current {
            return Err(Refusal::WrongRound { current });
        }
        Ok(())
    }

    /// All slots before this one are spent, and it is within the limit. The first request beyond a
    /// spent limit destroys the box of a generated code.
    fn check_slot(&self, account: &mut SiteAccount, tried: &Try, now: u64) -> Result<(), Refusal> {
        let max = account.max_tries();
        let next = account.facts.next_slot(self.proofs.keys, max);
        if (1..=max).contains(&tried.slot) && tried.slot <= next {
            return Ok(());
        }
        if next <= max {
            return Err(Refusal::WrongSlot { next });
        }
        if let CodeState::Frozen { until } = account.code_state(self.proofs.keys) {
            return Err(Refusal::Frozen { until });
        }
        self.destroy(account, now);
        Err(Refusal::Destroyed)
    }

    /// A clock that was ahead and was set right must not lock the person out for as long: times
    /// that lie in the future count as now, from the first moment that they are looked at. Says
    /// whether there were any.
    pub fn set_clock_right(&self, account: &mut SiteAccount, now: u64) -> bool {
        let future = account.own.slots.values_mut().filter(|at| **at > now);
        future.map(|at| *at = now).count() > 0
    }

    /// By this site's own clock.
    fn check_time(&self, account: &mut SiteAccount, tried: &Try, now: u64) -> Result<(), Refusal> {
        if tried.at.abs_diff(now) > CLOCK_TOLERANCE {
            return Err(Refusal::WrongTime { clock: now });
        }
        self.set_clock_right(account, now);

        let at = account.may_vote_at(tried.slot);
        if now < at { Err(Refusal::TooSoon { at }) } else { Ok(()) }
    }

    fn give(&self, account: &mut SiteAccount, tried: &Try, now: u64) -> Result<SlotVote, Refusal> {
        let keys = &self.proofs.keys.digest;
        let id = tried.id(keys);
        let of = StatementOf::Vote { slot: tried.slot_id(keys), tried: id };
        let Try { round, slot, .. } = *tried;
        let vote = SlotVote { round, slot, tried: id, statement: self.state(&of) };
        let joined = account.facts.join_vote(&self.proofs, &vote);
        joined
            .map_err(|_| Refusal::Unavailable { reason: "its vote key is not certified".into() })?;
        account.own.slots.entry(slot).or_insert(now);
        account.own.events.note(now, EventKind::Tried { version: tried.version, slot });
        self.settle(account, now);
        Ok(vote)
    }
}
