//! Where the state lives: a map in tests, one SQLite transaction at a site.

use crate::{Account, Pending};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vault_protocol::{AccountId, SiteIndex};

/// The state during one command. Either everything that [`apply`](crate::apply) put is kept, or nothing.
pub trait Storage {
    type Error;

    fn account(&mut self, id: &AccountId) -> Result<Option<Account>, Self::Error>;

    fn put_account(&mut self, id: &AccountId, account: &Account) -> Result<(), Self::Error>;

    /// Ids of accounts with [`Account::exhausted_at`] at or before `at`, in order of id.
    fn exhausted(&mut self, at: u64) -> Result<Vec<AccountId>, Self::Error>;

    fn totals(&mut self) -> Result<Totals, Self::Error>;

    fn put_totals(&mut self, totals: &Totals) -> Result<(), Self::Error>;

    fn pending(&mut self) -> Result<Pending, Self::Error>;

    fn put_pending(&mut self, pending: &Pending) -> Result<(), Self::Error>;
}

/// How often the fleet allowed its devices to evaluate, since it began: what audit counts are held against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Distinct tries reserved; every site may evaluate each once.
    pub tries: u64,
    /// Registration evaluations recorded, by the site that made them.
    pub registration_evaluations: BTreeMap<SiteIndex, u64>,
}
