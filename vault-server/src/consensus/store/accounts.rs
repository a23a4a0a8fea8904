//! The state's rows; [`Rows`] is `vault_state`'s storage during one transaction.

use crate::database::StoreError;
use crate::database::{decode, encode, get, put};
use rusqlite::{Connection, OptionalExtension, params};
use vault_protocol::AccountId;
use vault_state::{Account, Pending, Storage, Totals};

const TOTALS: &str = "totals";
const PENDING: &str = "pending registrations";

pub(super) struct Rows<'a>(pub &'a Connection);

impl Storage for Rows<'_> {
    type Error = StoreError;

    fn account(&mut self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        load(self.0, id)
    }

    fn put_account(&mut self, id: &AccountId, account: &Account) -> Result<(), StoreError> {
        store(self.0, id, account)
    }

    fn exhausted(&mut self, at: u64) -> Result<Vec<AccountId>, StoreError> {
        exhausted(self.0, at)
    }

    fn totals(&mut self) -> Result<Totals, StoreError> {
        load_totals(self.0)
    }

    fn put_totals(&mut self, totals: &Totals) -> Result<(), StoreError> {
        put(self.0, TOTALS, totals)
    }

    fn pending(&mut self) -> Result<Pending, StoreError> {
        load_pending(self.0)
    }

    fn put_pending(&mut self, pending: &Pending) -> Result<(), StoreError> {
        put(self.0, PENDING, pending)
    }
}

pub(super) fn load(connection: &Connection, id: &AccountId) -> Result<Option<Account>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM accounts WHERE id = ?")?;
    let body: Option<Vec<u8>> = statement.query_row([&id.0[..]], |row| row.get(0)).optional()?;
    body.map(|bytes| decode(&bytes)).transpose()
}

pub(super) fn store(connection: &Connection, id: &AccountId, account: &Account) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare_cached("INSERT OR REPLACE INTO accounts (id, body, exhausted_at) VALUES (?, ?, ?)")?;
    statement.execute(params![&id.0[..], encode(account)?, account.exhausted_at().map(seconds)])?;
    Ok(())
}

pub(super) fn exhausted(connection: &Connection, at: u64) -> Result<Vec<AccountId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM accounts WHERE exhausted_at <= ? ORDER BY id")?;
    let ids = statement.query_map([seconds(at)], |row| row.get::<_, Vec<u8>>(0))?;
    ids.map(|id| AccountId::from_slice(&id?).ok_or_else(|| StoreError::Corrupt("account id".into()))).collect()
}

pub(super) fn load_totals(connection: &Connection) -> Result<Totals, StoreError> {
    Ok(get(connection, TOTALS)?.unwrap_or_default())
}

pub(super) fn load_pending(connection: &Connection) -> Result<Pending, StoreError> {
    Ok(get(connection, PENDING)?.unwrap_or_default())
}

/// SQLite integers are signed; a time beyond them orders as the last one.
fn seconds(at: u64) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
