//! When to look at an account without being asked.

use super::signed;
use crate::accounts::StoreError;
use rusqlite::{Connection, params};
use vault_protocol::AccountId;

pub(super) fn set(
    c: &Connection,
    account: AccountId,
    before: Option<u64>,
    at: Option<u64>,
) -> Result<(), StoreError> {
    if before == at {
        return Ok(());
    }
    if let Some(before) = before {
        let sql = "DELETE FROM timers WHERE at = ? AND account = ?";
        c.prepare_cached(sql)?.execute(params![signed(before), &account.0[..]])?;
    }
    if let Some(at) = at {
        let sql = "INSERT INTO timers (at, account) VALUES (?, ?)";
        c.prepare_cached(sql)?.execute(params![signed(at), &account.0[..]])?;
    }
    Ok(())
}

pub(super) fn due(c: &Connection, now: u64, limit: u32) -> Result<Vec<AccountId>, StoreError> {
    let sql = "SELECT account FROM timers WHERE at <= ? ORDER BY at, account LIMIT ?";
    let mut select = c.prepare_cached(sql)?;
    let rows = select.query_map(params![signed(now), limit], |row| row.get::<_, Vec<u8>>(0))?;
    let id = |bytes: Vec<u8>| AccountId::from_slice(&bytes);
    rows.map(|bytes| id(bytes?).ok_or_else(|| StoreError::Corrupt("a timer".into()))).collect()
}
