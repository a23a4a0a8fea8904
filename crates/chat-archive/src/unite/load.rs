//! What of a thread is compared, out of the database.

use rusqlite::{Connection, params};

use super::align::hash_words;
use super::item::Item;
use crate::write::message_row::spelled;
use crate::{ArchiveError, MessageKind, Zone};

/// A thread as it is compared, in its own order.
pub(super) struct ThreadItems {
    /// Its number.
    pub thread: i64,
    /// Its messages.
    pub items: Vec<Item>,
    /// How many of them have a time whose zone is known.
    pub in_utc: usize,
}

/// Loads what is compared of a thread: some 48 bytes a message.
pub(super) fn items(connection: &Connection, thread: i64) -> Result<ThreadItems, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, ts, kind, text, sender_id, edited, unsent, attachments, zone FROM messages
         WHERE thread_id = ?1 ORDER BY ord, tie, id",
    )?;
    let mut rows = statement.query([thread])?;
    let mut found = ThreadItems { thread, items: Vec::new(), in_utc: 0 };
    while let Some(row) = rows.next()? {
        let kind = spelled(row, 2, MessageKind::parse)?;
        let text = row.get_ref(3)?.as_str().unwrap_or_default();
        let edited: bool = row.get(5)?;
        let unsent: bool = row.get(6)?;
        let attachments: i64 = row.get(7)?;
        let sender: Option<i64> = if kind == MessageKind::System { None } else { row.get(4)? };
        found.in_utc += usize::from(spelled(row, 8, Zone::parse)? == Zone::Utc);
        found.items.push(Item {
            id: row.get(0)?,
            ms: row.get(1)?,
            hash: if sender.is_some() && !unsent { hash_words(text) } else { 0 },
            sender,
            soft: edited || unsent || attachments > 0,
        });
    }
    Ok(found)
}

/// Threads that share a conversation, itself first.
pub(super) fn threads_of(
    connection: &Connection,
    conversation: i64,
) -> Result<Vec<i64>, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM conversations WHERE id = ?1 OR shown_in = ?1 ORDER BY shown_in IS NOT NULL, id",
    )?;
    let threads = statement.query_map(params![conversation], |r| r.get(0))?;
    Ok(threads.collect::<Result<_, _>>()?)
}

/// The conversation that shows a thread.
pub(super) fn conversation_of(connection: &Connection, thread: i64) -> Result<i64, ArchiveError> {
    Ok(connection
        .prepare_cached("SELECT coalesce(shown_in, id) FROM conversations WHERE id = ?1")?
        .query_row([thread], |r| r.get(0))?)
}
