//! One account in its tables.

use super::rows::{Noted, Parts, PasskeysRow, RecordRow, Rows};
use super::{chain, changes, timers, vote_keys};
use crate::accounts::{StoreError, Write, is_news};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use vault_protocol::{AccountId, AccountTag};
use vault_state::SiteAccount;

/// An account as it is stored.
pub(super) struct Stored {
    id: i64,
    noted: Noted,
    pub account: SiteAccount,
}

pub(super) fn knows(c: &Connection, tag: &AccountTag) -> Result<bool, StoreError> {
    Ok(c.prepare_cached("SELECT 1 FROM records WHERE tag = ?")?.exists([&tag.0[..]])?)
}

pub(super) fn read(c: &Connection, account: &AccountId) -> Result<Option<Stored>, StoreError> {
    let tag = AccountTag::of(account);
    let mut select = c.prepare_cached("SELECT id, body FROM records WHERE tag = ?")?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found: Option<(i64, Vec<u8>)> = select.query_row([&tag.0[..]], row).optional()?;
    let Some((id, body)) = found else { return Ok(None) };
    let record = postcard::from_bytes(&body)?;
    let passkeys = body_of(c, "SELECT body FROM passkeys WHERE id = ?", id)?;
    let progress = body_of(c, "SELECT body FROM progress WHERE id = ?", id)?;
    let progress =
        progress.ok_or_else(|| StoreError::Corrupt(format!("account {id} has no progress")))?;
    let round = body_of(c, "SELECT body FROM rounds WHERE id = ?", id)?;
    let (account, noted) = Rows { record, passkeys, progress, round }.join(c)?;
    Ok(Some(Stored { id, noted, account }))
}

/// Stores what a step decided about an account that was `before`. Says whether anything was erased,
/// which must not stay readable in the write-ahead log either.
pub(super) fn apply(
    c: &Connection,
    account: AccountId,
    before: Option<Stored>,
    write: Write,
) -> Result<bool, StoreError> {
    for certificate in &write.vote_keys {
        vote_keys::keep(c, certificate)?;
    }
    for proof in &write.equivocations {
        vote_keys::keep_equivocation(c, proof)?;
    }
    if let Some(entry) = &write.evaluated {
        chain::append(c, entry)?;
    }
    if write.repeats > 0 {
        chain::count(c, chain::REPEATS, write.repeats)?;
    }
    match (before, write.account) {
        (None, None) => Ok(false),
        (Some(before), None) => forget(c, account, &before).map(|()| true),
        (None, Some(after)) => insert(c, account, after, write.wake_at).map(|()| false),
        (Some(before), Some(after)) => replace(c, account, &before, after, write.wake_at),
    }
}

fn insert(
    c: &Connection,
    account: AccountId,
    after: SiteAccount,
    wake_at: Option<u64>,
) -> Result<(), StoreError> {
    let tag = AccountTag::of(&account);
    let record = postcard::to_allocvec(&RecordRow::of(&after.facts))?;
    c.prepare_cached("INSERT INTO records (tag, body) VALUES (?, ?)")?
        .execute(params![&tag.0[..], record])?;
    let id = c.last_insert_rowid();
    if let Some(passkeys) = PasskeysRow::of(&after.facts) {
        put(c, "INSERT INTO passkeys (id, body) VALUES (?, ?)", id, &passkeys)?;
    }
    let noted = note(c, account, Noted::default(), true, wake_at)?;
    let parts = Parts::of(after, noted);
    put(c, "INSERT INTO progress (id, body) VALUES (?, ?)", id, &parts.progress(c)?)?;
    match parts.round(c)? {
        Some(round) => put(c, "INSERT INTO rounds (id, body) VALUES (?, ?)", id, &round),
        None => Ok(()),
    }
}

fn replace(
    c: &Connection,
    account: AccountId,
    before: &Stored,
    after: SiteAccount,
    wake_at: Option<u64>,
) -> Result<bool, StoreError> {
    let id = before.id;
    let old = RecordRow::of(&before.account.facts);
    let new = RecordRow::of(&after.facts);
    let mut erased = false;
    if old != new {
        let body = postcard::to_allocvec(&new)?;
        let mut update = c.prepare_cached("UPDATE records SET body = ? WHERE id = ?")?;
        update.execute(params![body, id])?;
        erased = before.account.facts.sealed().is_some();
    }
    let (old, new) = (PasskeysRow::of(&before.account.facts), PasskeysRow::of(&after.facts));
    if old != new {
        match &new {
            Some(new) => {
                put(c, "INSERT OR REPLACE INTO passkeys (id, body) VALUES (?, ?)", id, new)?
            }
            None => drop(c.prepare_cached("DELETE FROM passkeys WHERE id = ?")?.execute([id])?),
        }
        erased |= old.is_some();
    }
    let news = is_news(Some(&before.account), &after);
    let stays = after.facts.stands_as(&before.account.facts);
    if after == before.account && before.noted.wake_at == wake_at {
        return Ok(erased);
    }
    let noted = note(c, account, before.noted, news, wake_at)?;
    move_on(c, id, &Parts::of(after, noted), stays)?;
    Ok(erased)
}

/// Writes the round alone while tries are open and the rest stays, and both when it ends.
fn move_on(c: &Connection, id: i64, after: &Parts, stays: bool) -> Result<(), StoreError> {
    let round = after.round(c)?;
    if round.is_none() || !stays {
        let progress = postcard::to_allocvec(&after.progress(c)?)?;
        let mut update = c.prepare_cached("UPDATE progress SET body = ? WHERE id = ?")?;
        update.execute(params![progress, id])?;
    }
    match round {
        Some(round) => put(c, "INSERT OR REPLACE INTO rounds (id, body) VALUES (?, ?)", id, &round),
        None => {
            c.prepare_cached("DELETE FROM rounds WHERE id = ?")?.execute([id])?;
            Ok(())
        }
    }
}

fn forget(c: &Connection, account: AccountId, before: &Stored) -> Result<(), StoreError> {
    for table in ["records", "passkeys", "progress", "rounds"] {
        c.prepare_cached(&format!("DELETE FROM {table} WHERE id = ?"))?.execute([before.id])?;
    }
    changes::remove(c, before.noted.change)?;
    timers::set(c, account, before.noted.wake_at, None)
}

/// Brings the account's change and timer up to date.
fn note(
    c: &Connection,
    account: AccountId,
    before: Noted,
    is_news: bool,
    wake_at: Option<u64>,
) -> Result<Noted, StoreError> {
    timers::set(c, account, before.wake_at, wake_at)?;
    let change = match is_news {
        true => changes::add(c, account, before.change)?,
        false => before.change,
    };
    Ok(Noted { change, wake_at })
}

fn body_of<T: DeserializeOwned>(
    c: &Connection,
    sql: &str,
    id: i64,
) -> Result<Option<T>, StoreError> {
    let body: Option<Vec<u8>> =
        c.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    body.map(|body| Ok(postcard::from_bytes(&body)?)).transpose()
}

fn put<T: Serialize>(c: &Connection, sql: &str, id: i64, row: &T) -> Result<(), StoreError> {
    c.prepare_cached(sql)?.execute(params![id, postcard::to_allocvec(row)?])?;
    Ok(())
}
