//! What a message is found by.

use rusqlite::{Connection, OptionalExtension, params};

use super::message_row;
use crate::read::words::index_form;
use crate::{ArchiveError, MessageRecord};

/// Indexes every shown message; the index must be empty.
pub(crate) fn index_all(connection: &Connection) -> Result<(), ArchiveError> {
    let mut statement = connection
        .prepare("SELECT id, text, attachments, twins FROM messages WHERE conversation_id IS NOT NULL ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if row.get::<_, i64>(3)? > 0 {
            index_with_twins(connection, id, &twins_of(connection, id)?)?;
            continue;
        }
        let names = if row.get::<_, i64>(2)? > 0 { names_of(connection, id)? } else { vec![] };
        insert(
            connection,
            id,
            row.get_ref(1)?.as_str().unwrap_or_default(),
            names.iter().map(String::as_str),
        )?;
    }
    Ok(())
}

pub(crate) fn names_of(connection: &Connection, id: i64) -> Result<Vec<String>, ArchiveError> {
    let sql =
        "SELECT name FROM attachments WHERE message_id = ?1 AND name IS NOT NULL ORDER BY ordinal";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([id], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn twins_of(connection: &Connection, id: i64) -> Result<Vec<i64>, ArchiveError> {
    let mut statement = connection.prepare_cached("SELECT id FROM messages WHERE twin_of = ?1")?;
    let rows = statement.query_map([id], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Indexes the words of a shown message with those that only its hidden copies have.
pub(crate) fn index_with_twins(
    connection: &Connection,
    id: i64,
    twins: &[i64],
) -> Result<(), ArchiveError> {
    let record = merged(connection, id, twins)?;
    forget_words(connection, id)?;
    index_words(connection, id, &record)
}

/// A shown message with what only its hidden copies have.
pub(crate) fn with_twins(connection: &Connection, id: i64) -> Result<MessageRecord, ArchiveError> {
    merged(connection, id, &twins_of(connection, id)?)
}

fn merged(connection: &Connection, id: i64, twins: &[i64]) -> Result<MessageRecord, ArchiveError> {
    let mut record = message_row::load(connection, id)?;
    for twin in twins {
        crate::merge::merge(&mut record, &message_row::load(connection, *twin)?);
    }
    Ok(record)
}

/// How the index grows. Its words are written as segments, which are merged four at a time as more
/// come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    Usual,
    /// Nothing is merged while very many messages come: some twenty segments for a million. Later
    /// imports merge them little by little.
    Fast,
}

/// Remembered by the database, with the transaction that it belongs to.
pub(crate) fn set_growth(connection: &Connection, growth: Growth) -> Result<(), ArchiveError> {
    let (merged, most): (i64, i64) = match growth {
        Growth::Usual => (4, 16),
        Growth::Fast => (0, 1_000),
    };
    let mut config =
        connection.prepare_cached("SELECT v FROM messages_fts_config WHERE k = 'automerge'")?;
    let found: Option<i64> = config.query_row([], |r| r.get(0)).optional()?;
    if found.unwrap_or(4) != merged {
        let mut set = connection
            .prepare_cached("INSERT INTO messages_fts (messages_fts, rank) VALUES (?1, ?2)")?;
        set.execute(params!["automerge", merged])?;
        set.execute(params!["crisismerge", most])?;
    }
    Ok(())
}

/// Takes a message out of the index.
pub(crate) fn forget_words(connection: &Connection, id: i64) -> Result<(), ArchiveError> {
    connection.prepare_cached("DELETE FROM messages_fts WHERE rowid = ?1")?.execute([id])?;
    Ok(())
}

/// Full-text words: the text and the attachments' names.
pub(super) fn index_words(
    connection: &Connection,
    id: i64,
    record: &MessageRecord,
) -> Result<(), ArchiveError> {
    insert(
        connection,
        id,
        &record.text,
        record.attachments.iter().filter_map(|a| a.name.as_deref()),
    )
}

fn insert<'a>(
    connection: &Connection,
    id: i64,
    text: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), ArchiveError> {
    let mut form = index_form(text);
    for name in names {
        form.push(' ');
        form.push_str(&index_form(name));
    }
    if !form.trim().is_empty() {
        connection
            .prepare_cached("INSERT INTO messages_fts (rowid, words) VALUES (?1, ?2)")?
            .execute(params![id, form])?;
    }
    Ok(())
}
