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
pub struct RecordRow {
    /// None: it is the record's.
    claim: Option<Claim>,
    record: Option<SignedRecord>,
    sealed: Option<Sealed>,
}

/// Of an account with a roster.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PasskeysRow {
    roster: SignedRoster,
    passkeys: Vec<PasskeyRecord>,
}

/// What changes with every try, and what the store itself notes of an account.
#[derive(Serialize, Deserialize)]
pub struct ProgressRow {
    pub change: u64,
    pub wake_at: Option<u64>,
    admission: Option<StoredAdmission>,
    removal: Option<Signature64>,
    round_end: Option<StoredRoundEnd>,
    votes: BTreeMap<Slot, BTreeMap<SiteIndex, Vec<(TryId, StoredStatement)>>>,
    own: Own,
}

/// What the store itself notes of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Its last change that concerns other sites.
    pub change: u64,
    pub wake_at: Option<u64>,
}

impl RecordRow {
    pub fn of(facts: &AccountFacts) -> Self {
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
    pub fn of(facts: &AccountFacts) -> Option<Self> {
        let roster = facts.roster()?.clone();
        Some(Self { roster, passkeys: facts.passkeys().to_vec() })
    }
}

impl ProgressRow {
    pub fn of(c: &Connection, account: SiteAccount, noted: Noted) -> Result<Self, StoreError> {
        let parts = account.facts.into_parts();
        let mut votes = BTreeMap::new();
        for (slot, sites) in &parts.votes {
            let of_slot: &mut BTreeMap<_, _> = votes.entry(*slot).or_default();
            for (site, given) in sites {
                let stored: Result<Vec<_>, StoreError> = given
                    .iter()
                    .map(|(tried, vote)| Ok((*tried, StoredStatement::of(c, vote)?)))
                    .collect();
                of_slot.insert(*site, stored?);
            }
        }
        let admission = parts.admission.as_ref().map(|a| StoredAdmission::of(c, a));
        let round_end = parts.round_end.as_ref().map(|end| StoredRoundEnd::of(c, end));
        Ok(Self {
            change: noted.change,
            wake_at: noted.wake_at,
            admission: admission.transpose()?,
            removal: parts.removal,
            round_end: round_end.transpose()?,
            votes,
            own: account.own,
        })
    }

    pub fn noted(&self) -> Noted {
        Noted { change: self.change, wake_at: self.wake_at }
    }

    /// The account, whole.
    pub fn join(
        self,
        c: &Connection,
        record: RecordRow,
        passkeys: Option<PasskeysRow>,
    ) -> Result<SiteAccount, StoreError> {
        let mut votes = BTreeMap::new();
        for (slot, sites) in self.votes {
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
            admission: self.admission.map(|admission| admission.read(c)).transpose()?,
            record: record.record,
            sealed: record.sealed,
            removal: self.removal,
            roster,
            passkeys,
            round_end: self.round_end.map(|end| end.read(c)).transpose()?,
            votes,
        });
        Ok(SiteAccount { facts, own: self.own })
    }
}
