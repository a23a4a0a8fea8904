//! An account as the rows that hold it.

use super::statements::{StoredAdmission, StoredRoundEnd, StoredStatement};
use crate::accounts::StoreError;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vault_facts::{AccountFacts, FactsParts};
use vault_protocol::{
    Claim, PasskeyRecord, Sealed, Signature64, SignedRecord, SignedRoster, SiteIndex, Slot, TryId,
};
use vault_state::{Own, SiteAccount};

/// What an owner signed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordRow {
    /// None: it is the record's.
    claim: Option<Claim>,
    record: Option<SignedRecord>,
    sealed: Option<Sealed>,
}

/// Of an account with a roster.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PasskeysRow {
    roster: SignedRoster,
    passkeys: Vec<PasskeyRecord>,
}

/// What stays of an account from one round to the next.
#[derive(Serialize, Deserialize)]
pub(super) struct ProgressRow {
    admission: Option<StoredAdmission>,
    removal: Option<Signature64>,
    round_end: Option<StoredRoundEnd>,
    /// As it was when no try was open.
    moving: Moving,
}

/// The tries of an account's present round. While there are any, what moves with them stands here.
#[derive(Serialize, Deserialize)]
pub(super) struct RoundRow {
    votes: BTreeMap<Slot, BTreeMap<SiteIndex, Vec<(TryId, StoredStatement)>>>,
    moving: Moving,
}

/// What changes with every try.
#[derive(Clone, Serialize, Deserialize)]
struct Moving {
    change: u64,
    wake_at: Option<u64>,
    own: Own,
}

/// What the store itself notes of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Noted {
    /// Its last change that concerns other sites.
    pub change: u64,
    pub wake_at: Option<u64>,
}

impl RecordRow {
    pub(super) fn of(facts: &AccountFacts) -> Self {
        let record = facts.record().copied();
        let claim = record.is_none().then(|| *facts.claim());
        Self { claim, record, sealed: facts.sealed().cloned() }
    }

    fn claim(&self) -> Result<Claim, StoreError> {
        let of_record = self.record.as_ref().map(|signed| signed.record.claim);
        let none = || StoreError::Corrupt("an account that nobody claims".into());
        self.claim.or(of_record).ok_or_else(none)
    }
}

impl PasskeysRow {
    pub(super) fn of(facts: &AccountFacts) -> Option<Self> {
        let roster = facts.roster()?.clone();
        Some(Self { roster, passkeys: facts.passkeys().to_vec() })
    }
}

/// What an account's progress and its round are made of, before either is written.
pub(super) struct Parts {
    facts: FactsParts,
    moving: Moving,
}

impl Parts {
    pub(super) fn of(account: SiteAccount, noted: Noted) -> Self {
        let Noted { change, wake_at } = noted;
        Self {
            facts: account.facts.into_parts(),
            moving: Moving { change, wake_at, own: account.own },
        }
    }

    pub(super) fn progress(&self, c: &Connection) -> Result<ProgressRow, StoreError> {
        let admission = self.facts.admission.as_ref().map(|a| StoredAdmission::of(c, a));
        let round_end = self.facts.round_end.as_ref().map(|end| StoredRoundEnd::of(c, end));
        Ok(ProgressRow {
            admission: admission.transpose()?,
            removal: self.facts.removal,
            round_end: round_end.transpose()?,
            moving: self.moving.clone(),
        })
    }

    /// None if there are no tries.
    pub(super) fn round(&self, c: &Connection) -> Result<Option<RoundRow>, StoreError> {
        let mut votes = BTreeMap::new();
        for (slot, sites) in &self.facts.votes {
            let of_slot: &mut BTreeMap<_, _> = votes.entry(*slot).or_default();
            for (site, given) in sites {
                let stored: Result<Vec<_>, StoreError> = given
                    .iter()
                    .map(|(tried, vote)| Ok((*tried, StoredStatement::of(c, vote)?)))
                    .collect();
                of_slot.insert(*site, stored?);
            }
        }
        Ok((!votes.is_empty()).then(|| RoundRow { votes, moving: self.moving.clone() }))
    }
}

/// The rows of one account.
pub(super) struct Rows {
    pub record: RecordRow,
    pub passkeys: Option<PasskeysRow>,
    pub progress: ProgressRow,
    pub round: Option<RoundRow>,
}

impl Rows {
    /// The account, whole.
    pub(super) fn join(self, c: &Connection) -> Result<(SiteAccount, Noted), StoreError> {
        let Self { record, passkeys, progress, round } = self;
        let (stored_votes, moving) = match round {
            Some(round) => (round.votes, round.moving),
            None => (BTreeMap::new(), progress.moving),
        };
        let mut votes = BTreeMap::new();
        for (slot, sites) in stored_votes {
            let of_slot: &mut BTreeMap<_, _> = votes.entry(slot).or_default();
            for (site, given) in sites {
                let read: Result<Vec<_>, StoreError> =
                    given.into_iter().map(|(tried, vote)| Ok((tried, vote.read(c)?))).collect();
                of_slot.insert(site, read?);
            }
        }
        let (roster, passkeys) = match passkeys {
            Some(row) => (Some(row.roster), row.passkeys),
            None => (None, Vec::new()),
        };
        let facts = AccountFacts::from_parts(FactsParts {
            claim: record.claim()?,
            admission: progress.admission.map(|admission| admission.read(c)).transpose()?,
            record: record.record,
            sealed: record.sealed,
            removal: progress.removal,
            roster,
            passkeys,
            round_end: progress.round_end.map(|end| end.read(c)).transpose()?,
            votes,
        });
        let Moving { change, wake_at, own } = moving;
        Ok((SiteAccount { facts, own }, Noted { change, wake_at }))
    }
}
