//! One account as every site keeps it.

use crate::{FleetKeys, Passkeys};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use vault_protocol::limits::{MAX_EVENTS, delay_before_try};
use vault_protocol::{
    AccountEvent, AccountStatus, CodeParameters, EventKind, OwnerKey, Receipt, Record, Signature64, SiteIndex, TryId,
    Version,
};

/// An account that was registered once. It is never forgotten: without boxes it remains as a tombstone, so that its
/// id cannot be registered again for fresh tries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub owner: OwnerKey,
    pub version: Version,
    pub epoch: u64,
    pub parameters: CodeParameters,
    pub max_tries: u8,
    pub current: Current,
    /// Completed confirms so far: the number of the running round.
    pub round: u64,
    /// Tries of the running round, of all versions, oldest first; at most [`Account::max_tries`].
    pub tries: Vec<Try>,
    /// Receipts of the running round.
    pub receipts: BTreeMap<TryId, BTreeMap<SiteIndex, Receipt>>,
    /// How the last round ended: the try and its t receipts, which prove that this round may run.
    pub last_confirm: Option<LastConfirm>,
    pub events: VecDeque<AccountEvent>,
    pub passkeys: Passkeys,
}

/// The boxes of the code, or why there are none any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Current {
    Sealed {
        record: Record,
        signature: Signature64,
    },
    Gone(Gone),
    /// Only passkeys so far: the first code will be version 1.
    NoCode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gone {
    /// By the limit.
    Destroyed,
    /// By the owner.
    Removed,
}

/// A reserved guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    pub id: TryId,
    pub version: Version,
    /// Unix seconds; never before the try before it.
    pub at: u64,
}

/// Proof that a round ended with the right code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastConfirm {
    pub version: Version,
    pub id: TryId,
    pub receipts: BTreeMap<SiteIndex, Receipt>,
}

impl Account {
    /// A first registration, at `at`.
    pub(crate) fn claimed(record: Record, signature: Signature64, at: u64) -> Self {
        let mut account = Self {
            version: record.version,
            parameters: record.parameters,
            max_tries: record.policy.max_tries,
            ..Self::claimed_without_code(record.owner, record.epoch)
        };
        account.current = Current::Sealed { record, signature };
        account.note(at, EventKind::Registered { version: account.version });
        account
    }

    /// Claimed by a first passkey.
    pub(crate) fn claimed_without_code(owner: OwnerKey, epoch: u64) -> Self {
        Self {
            owner,
            version: 0,
            epoch,
            parameters: CodeParameters { memory_kib: 0, passes: 0, lanes: 0 },
            max_tries: 0,
            current: Current::NoCode,
            round: 0,
            tries: Vec::new(),
            receipts: BTreeMap::new(),
            last_confirm: None,
            events: VecDeque::new(),
            passkeys: Passkeys::default(),
        }
    }

    /// Boxes and parameters of a new version; the count stays as it is, receipts for the old boxes are void.
    pub(crate) fn replace(&mut self, record: Record, signature: Signature64, at: u64) {
        self.version = record.version;
        self.epoch = record.epoch;
        self.parameters = record.parameters;
        self.max_tries = record.policy.max_tries;
        self.current = Current::Sealed { record, signature };
        self.receipts.clear();
        self.note(
            at,
            match self.version {
                1 => EventKind::Registered { version: 1 },
                version => EventKind::Replaced { version },
            },
        );
    }

    pub(crate) fn destroy(&mut self, gone: Gone, at: u64) {
        self.current = Current::Gone(gone);
        let kind = match gone {
            Gone::Destroyed => EventKind::Destroyed,
            Gone::Removed => EventKind::Removed,
        };
        self.note(at, kind);
    }

    /// The current record, unless it is gone.
    pub fn record(&self) -> Option<&Record> {
        match &self.current {
            Current::Sealed { record, .. } => Some(record),
            Current::Gone(_) | Current::NoCode => None,
        }
    }

    /// The boxes of the code are gone; passkeys may be left.
    pub fn is_gone(&self) -> bool {
        matches!(self.current, Current::Gone(_))
    }

    /// The owner ended the account, passkeys and all.
    pub fn is_removed(&self) -> bool {
        self.current == Current::Gone(Gone::Removed)
    }

    /// A try of the running round. A try belongs to one version, even if a proposer reuses its id.
    pub fn open_try(&self, version: Version, id: &TryId) -> Option<&Try> {
        self.tries.iter().find(|t| t.version == version && t.id == *id)
    }

    /// Whether this try has ended the last round. Evaluating it again tells nobody anything new.
    pub fn was_confirmed(&self, version: Version, id: &TryId) -> bool {
        self.last_confirm.as_ref().is_some_and(|last| last.id == *id && last.version == version)
    }

    pub fn tries_left(&self) -> u8 {
        if self.is_gone() {
            return 0;
        }
        let spent = u8::try_from(self.tries.len()).unwrap_or(u8::MAX);
        self.max_tries.saturating_sub(spent)
    }

    /// Unix seconds before which a new try is refused; 0 if it may come at once.
    pub fn next_try_at(&self) -> u64 {
        let next = u8::try_from(self.tries.len() + 1).unwrap_or(u8::MAX);
        match (self.tries.last(), delay_before_try(next)) {
            (Some(last), delay) if delay > 0 => last.at.saturating_add(delay),
            _ => 0,
        }
    }

    /// When the last try that the limit allows was reserved, while the boxes still exist.
    pub fn exhausted_at(&self) -> Option<u64> {
        let spent = self.tries.len() >= usize::from(self.max_tries);
        (spent && !self.is_gone()).then(|| self.tries.last().map(|t| t.at))?
    }

    pub fn status(&self) -> AccountStatus {
        AccountStatus {
            version: self.version,
            epoch: self.epoch,
            parameters: self.parameters,
            tries_left: self.tries_left(),
            next_try_at: if self.is_gone() { 0 } else { self.next_try_at() },
            destroyed: self.is_gone(),
        }
    }

    /// Appends to the history, which keeps the newest [`MAX_EVENTS`].
    pub(crate) fn note(&mut self, at: u64, kind: EventKind) {
        let of_its_kind = |event: &AccountEvent| event.kind == kind;
        if self.events.iter().filter(|e| of_its_kind(e)).count() >= most_of(kind) {
            self.events.iter().position(of_its_kind).map(|oldest| self.events.remove(oldest));
        }
        if self.events.len() >= MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(AccountEvent { at, kind });
    }
}

/// Lines of one kind: what a stranger, or a bad site, can cause again and again pushes out few others. A passkey without
/// a counter verifies again with an older answer.
fn most_of(kind: EventKind) -> usize {
    match kind {
        EventKind::PasskeyRefused => MAX_EVENTS / 16,
        EventKind::PasskeyUsed => MAX_EVENTS / 2,
        _ => MAX_EVENTS,
    }
}

impl LastConfirm {
    /// Whether t distinct sites of the fleet signed this try in `round`.
    pub(crate) fn holds(&self, keys: &FleetKeys, account: &vault_protocol::AccountId, round: u64) -> bool {
        let holds = |(site, receipt): (&SiteIndex, &Receipt)| {
            *site == receipt.site && keys.receipt_holds(account, self.version, &self.id, round, receipt)
        };
        let signers: BTreeSet<_> = self.receipts.iter().filter(|r| holds(*r)).map(|(site, _)| site).collect();
        signers.len() >= usize::from(keys.threshold)
    }
}
