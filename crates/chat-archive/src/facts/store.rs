//! Facts in the database.

use rusqlite::{Connection, OptionalExtension, params};

use super::select::select;
use super::{Fact, FactRecord, UnclaimedFile};
use crate::write::Writer;
use crate::{ArchiveError, own};

/// Writes what the owner says now: it holds over what was known, whatever the clocks say. A clock
/// of whole seconds gives two answers the same time.
pub(crate) fn put_word_of_owner(
    connection: &Connection,
    writer: &mut Writer,
    thread: Option<i64>,
    mut record: FactRecord,
) -> Result<(), ArchiveError> {
    let known: Option<i64> = connection
        .prepare_cached("SELECT as_of FROM facts WHERE key = ?1")?
        .query_row([record.key.0], |r| r.get(0))
        .optional()?;
    record.as_of = known.map_or(record.as_of, |known| record.as_of.max(known.saturating_add(1)));
    put(connection, writer, thread, &record)?;
    Ok(())
}

/// Writes a fact unless it is known, or known newer. Whether anything changed.
pub(crate) fn put(
    connection: &Connection,
    writer: &mut Writer,
    thread: Option<i64>,
    record: &FactRecord,
) -> Result<bool, ArchiveError> {
    let json = serde_json::to_string(&record.fact)
        .map_err(|_| ArchiveError::InvalidRecord("a fact cannot be written"))?;
    let known: Option<(i64, String)> = connection
        .prepare_cached("SELECT as_of, json FROM facts WHERE key = ?1")?
        .query_row([record.key.0], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    // Of two that were learnt at once the greater text holds, so that any order gives the same.
    if known.is_some_and(|known| known >= (record.as_of, json.clone())) {
        return Ok(false);
    }
    match (&record.fact, thread) {
        (Fact::Own(name), _) => own::mark_threads_with(connection, writer, name)?,
        (Fact::OwnHere(_), Some(thread)) => writer.own_may_change(thread),
        (Fact::SamePerson(_) | Fact::PersonName(_), _) => writer.names_may_change(),
        _ => {}
    }
    let media = record.fact.media();
    let seq = writer.next_seq(thread);
    connection
        .prepare_cached(
            "INSERT INTO facts (key, thread_id, kind, as_of, json, name, hash, size, change_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (key) DO UPDATE SET
                as_of = ?4, json = ?5, name = ?6, hash = ?7, size = ?8, change_seq = ?9",
        )?
        .execute(params![
            record.key.0,
            thread,
            record.fact.kind(),
            record.as_of,
            json,
            record.fact.name(),
            media.map(|(hash, _)| hash.0),
            media.map(|(_, size)| size as i64),
            seq
        ])?;
    Ok(true)
}

/// The next facts of a thread (or of the whole archive) by the number of their change, after
/// `since` and up to `through`, with the number of the last.
pub(crate) fn facts_after(
    connection: &Connection,
    thread: Option<i64>,
    since: i64,
    through: i64,
) -> Result<(Vec<FactRecord>, i64), ArchiveError> {
    const PAGE: &str = "thread_id IS ?1 AND change_seq > ?2 AND change_seq <= ?3
         ORDER BY change_seq LIMIT 500";
    let facts = select(connection, PAGE, params![thread, since, through])?;
    let last = connection
        .prepare_cached(&format!(
            "SELECT max(change_seq) FROM (SELECT change_seq FROM facts WHERE {PAGE})"
        ))?
        .query_row(params![thread, since, through], |r| r.get::<_, Option<i64>>(0))?;
    Ok((facts, last.unwrap_or(through)))
}

/// The unclaimed file of this name in a thread.
pub(crate) fn unclaimed_by_name(
    connection: &Connection,
    thread: i64,
    name: &str,
) -> Result<Option<UnclaimedFile>, ArchiveError> {
    let found = select(
        connection,
        "kind = 'unclaimed_file' AND thread_id = ?1 AND name = ?2 ORDER BY change_seq LIMIT 1",
        params![thread, name],
    )?;
    Ok(found.into_iter().find_map(|record| match record.fact {
        Fact::UnclaimedFile(file) => Some(file),
        _ => None,
    }))
}
