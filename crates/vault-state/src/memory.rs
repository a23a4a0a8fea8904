//! The state in a map.

use crate::{Account, Pending, Storage, Totals};
use std::collections::BTreeMap;
use std::convert::Infallible;
use vault_protocol::AccountId;

/// Keeps everything in memory; for tests and for reasoning about a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InMemory {
    pub accounts: BTreeMap<AccountId, Account>,
    pub totals: Totals,
    pub pending: Pending,
}

impl Storage for InMemory {
    type Error = Infallible;

    fn account(&mut self, id: &AccountId) -> Result<Option<Account>, Infallible> {
        Ok(self.accounts.get(id).cloned())
    }

    fn put_account(&mut self, id: &AccountId, account: &Account) -> Result<(), Infallible> {
        self.accounts.insert(*id, account.clone());
        Ok(())
    }

    fn exhausted(&mut self, at: u64) -> Result<Vec<AccountId>, Infallible> {
        let due = |account: &Account| account.exhausted_at().is_some_and(|since| since <= at);
        Ok(self.accounts.iter().filter(|(_, account)| due(account)).map(|(id, _)| *id).collect())
    }

    fn totals(&mut self) -> Result<Totals, Infallible> {
        Ok(self.totals.clone())
    }

    fn put_totals(&mut self, totals: &Totals) -> Result<(), Infallible> {
        self.totals = totals.clone();
        Ok(())
    }

    fn pending(&mut self) -> Result<Pending, Infallible> {
        Ok(self.pending.clone())
    }

    fn put_pending(&mut self, pending: &Pending) -> Result<(), Infallible> {
        self.pending = pending.clone();
        Ok(())
    }
}
