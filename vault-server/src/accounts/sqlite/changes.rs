//! Which accounts changed, in the order of their last changes.

use super::{signed, unsigned};
use crate::accounts::{Changes, StoreError};
use rusqlite::{Connection, params};
use vault_protocol::AccountId;

/// Gives an account the next number, and takes its former one away.
pub(super) fn add(c: &Connection, account: AccountId, before: u64) -> Result<u64, StoreError> {
    let number = last(c)? + 1;
    let sql = "INSERT INTO changes (number, account) VALUES (?, ?)";
    c.prepare_cached(sql)?.execute(params![signed(number), &account.0[..]])?;
    // A number that was only held so as not to be given again.
    let sql = "DELETE FROM changes WHERE number = ? AND account = x''";
    c.prepare_cached(sql)?.execute([signed(number - 1)])?;
    remove(c, before)?;
    Ok(number)
}

/// Takes a number away, so that it is never given again: a peer may have seen it.
pub(super) fn remove(c: &Connection, number: u64) -> Result<(), StoreError> {
    let sql = match number {
        0 => return Ok(()),
        number if number == last(c)? => "UPDATE changes SET account = x'' WHERE number = ?",
        _ => "DELETE FROM changes WHERE number = ?",
    };
    c.prepare_cached(sql)?.execute([signed(number)])?;
    Ok(())
}

pub(super) fn since(c: &Connection, from: u64, limit: u32) -> Result<Changes, StoreError> {
    let sql = "SELECT number, account FROM changes WHERE number >= ? ORDER BY number LIMIT ?";
    let mut select = c.prepare_cached(sql)?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
    let rows = select.query_map(params![signed(from), limit], row)?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let full = rows.len() == limit as usize;
    let next = match rows.last() {
        Some((number, _)) if full => unsigned(*number) + 1,
        _ => last(c)? + 1,
    };
    let accounts = rows.iter().filter_map(|(_, account)| AccountId::from_slice(account)).collect();
    Ok(Changes { accounts, next })
}

fn last(c: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(max(number), 0) FROM changes";
    Ok(unsigned(c.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
}
