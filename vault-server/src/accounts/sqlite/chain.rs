//! The chain of evaluated tries, and what is counted beside it.

use super::statements::StoredStatement;
use super::{signed, unsigned};
use crate::accounts::{StoreError, Totals};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use vault_protocol::{EvaluatedHead, EvaluatedTry, SlotId, TryId};

pub(super) const REGISTRATIONS: &str = "registration evaluations";
pub(super) const REPEATS: &str = "repeats";

#[derive(Serialize, Deserialize)]
struct Row {
    slot: SlotId,
    tried: TryId,
    votes: Vec<StoredStatement>,
}

pub(super) fn append(c: &Connection, entry: &EvaluatedTry) -> Result<(), StoreError> {
    let (number, before) = end(c)?;
    let votes = StoredStatement::of_all(c, &entry.votes)?;
    let row = Row { slot: entry.slot, tried: entry.tried, votes };
    let sql = "INSERT INTO evaluated (number, body, head) VALUES (?, ?, ?)";
    let head = entry.chained(&before);
    let body = postcard::to_allocvec(&row)?;
    c.prepare_cached(sql)?.execute(params![signed(number + 1), body, &head[..]])?;
    Ok(())
}

pub(super) fn entries(
    c: &Connection,
    from: u64,
    limit: u32,
) -> Result<Vec<EvaluatedTry>, StoreError> {
    let sql = "SELECT body FROM evaluated WHERE number >= ? ORDER BY number LIMIT ?";
    let mut select = c.prepare_cached(sql)?;
    let rows = select.query_map(params![signed(from), limit], |row| row.get::<_, Vec<u8>>(0))?;
    let bodies = rows.collect::<Result<Vec<_>, _>>()?;
    let entry = |body: Vec<u8>| {
        let Row { slot, tried, votes } = postcard::from_bytes(&body)?;
        Ok(EvaluatedTry { slot, tried, votes: StoredStatement::read_all(c, votes)? })
    };
    bodies.into_iter().map(entry).collect()
}

pub(super) fn totals(c: &Connection) -> Result<Totals, StoreError> {
    let (evaluated, evaluated_head) = end(c)?;
    Ok(Totals {
        evaluated,
        evaluated_head,
        registration_evaluations: counter(c, REGISTRATIONS)?,
        repeats: counter(c, REPEATS)?,
    })
}

pub(super) fn count(c: &Connection, name: &str, n: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO counters (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = value + ?2";
    c.prepare_cached(sql)?.execute(params![name, signed(n)])?;
    Ok(())
}

pub(super) fn counter(c: &Connection, name: &str) -> Result<u64, StoreError> {
    let mut select = c.prepare_cached("SELECT value FROM counters WHERE name = ?")?;
    let value: Option<i64> = select.query_row([name], |row| row.get(0)).optional()?;
    Ok(unsigned(value.unwrap_or_default()))
}

fn end(c: &Connection) -> Result<(u64, EvaluatedHead), StoreError> {
    let sql = "SELECT number, head FROM evaluated ORDER BY number DESC LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
    let last = c.prepare_cached(sql)?.query_row([], row).optional()?;
    let Some((number, head)) = last else { return Ok((0, EvaluatedHead::default())) };
    let head = head.try_into().map_err(|_| StoreError::Corrupt("a chain's digest".into()))?;
    Ok((unsigned(number), head))
}
