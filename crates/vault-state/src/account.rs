//! One account as one site stores it.

use crate::Events;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vault_facts::{AccountFacts, FleetKeys};
use vault_protocol::limits::{EXHAUSTED_GRACE, FROZEN, UNCONFIRMED_LIFETIME, delay_before_try};
use vault_protocol::{CodeOrigin, CodeState, PasskeyDigest, Record, Round, Slot, TryId, Version};

/// Facts, which any site may have, and what binds this site alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteAccount {
    /// What can be shown to anyone who knows the account.
    pub facts: AccountFacts,
    /// What binds this site alone.
    pub own: Own,
}

/// What nobody else can know or prove. Times are unix seconds of the site's own clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// When this site first stored the account.
    pub since: u64,
    /// The round that the next two are of.
    pub round: Round,
    /// When this site voted in a slot, or first knew that the slot was spent: whichever came first.
    pub slots: BTreeMap<Slot, u64>,
    /// What this site evaluated, one try a slot.
    pub evaluated: BTreeMap<Slot, (TryId, Version)>,
    /// The tries of an own code are used up, and the person's history says so.
    pub frozen: bool,
    /// The version whose box this site destroyed.
    pub destroyed: Option<Version>,
    /// Of those on the roster.
    pub passkeys: Vec<PasskeyUse>,
    /// For the wait before the next one.
    pub failed_assertions: FailedAssertions,
    /// What the person can read of the account's history here.
    pub events: Events,
}

/// What a site remembers of a passkey's uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyUse {
    /// Names it, as a roster does.
    pub digest: PasskeyDigest,
    /// Unix seconds at which this site learned of it.
    pub added: u64,
    /// Unix seconds at which this site last verified it.
    pub last_used: Option<u64>,
    /// Its own count of signatures; 0 where it keeps none (WebAuthn level 3, 6.1.1).
    pub counter: u32,
}

/// Answers of passkeys that did not verify, since the last that did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedAssertions {
    pub count: u8,
    pub last: u64,
}

impl SiteAccount {
    pub(crate) fn claimed(facts: AccountFacts, now: u64) -> Self {
        Self { facts, own: Own { since: now, ..Own::default() } }
    }

    pub(crate) fn record(&self) -> Option<&Record> {
        self.facts.record().map(|signed| &signed.record)
    }

    pub(crate) fn max_tries(&self) -> Slot {
        self.record().map_or(0, |record| record.policy.max_tries)
    }

    /// What has become of the code here.
    pub fn code_state(&self, keys: &FleetKeys) -> CodeState {
        let Some(record) = self.record() else {
            return if self.facts.is_removed() { CodeState::Removed } else { CodeState::None };
        };
        if self.own.destroyed == Some(record.version) {
            return CodeState::Destroyed;
        }
        match (self.ends_at(keys), record.policy.code) {
            (Some(until), CodeOrigin::Own) => CodeState::Frozen { until },
            _ => CodeState::Open,
        }
    }

    /// When the boxes are destroyed because all slots are spent; none while a try is left.
    pub fn ends_at(&self, keys: &FleetKeys) -> Option<u64> {
        let record = self.record()?;
        let max = record.policy.max_tries;
        if self.own.destroyed == Some(record.version) || self.facts.next_slot(keys, max) <= max {
            return None;
        }
        let grace = match record.policy.code {
            CodeOrigin::Generated => EXHAUSTED_GRACE,
            CodeOrigin::Own => FROZEN,
        };
        self.own.slots.get(&max).map(|at| at.saturating_add(grace))
    }

    /// Before this time of its own clock the site votes for nothing in `slot`; 0 if it may at once.
    pub(crate) fn may_vote_at(&self, slot: Slot) -> u64 {
        let delay = delay_before_try(slot);
        let before = self.own.slots.get(&slot.saturating_sub(1));
        before.filter(|_| delay > 0).map_or(0, |at| at.saturating_add(delay))
    }

    /// Times stand in it that lie in the future, by the site's own clock.
    pub fn is_ahead_of(&self, now: u64) -> bool {
        self.own.slots.values().any(|at| *at > now)
    }

    /// An account that nobody ever showed to be of use, and that nobody tried here, is forgotten at
    /// this time. One that was tried is not: it would have all its tries again.
    pub fn forgotten_at(&self) -> Option<u64> {
        let tried = !self.own.slots.is_empty() || self.facts.round() > 0;
        let used = self.own.passkeys.iter().any(|p| p.last_used.is_some());
        let stays = tried || used || self.facts.is_removed();
        (!stays).then(|| self.own.since.saturating_add(UNCONFIRMED_LIFETIME))
    }
}
