//! What follows from rows: the search index, counts by time, and marks.

use rusqlite::Connection;

use crate::ArchiveError;
use crate::write::message_row::{COLUMN_COUNT, COLUMNS, Place, read};
use crate::write::{Writer, index_with_twins};

/// Makes it for every message; there must be none of it yet.
pub fn derive(connection: &Connection) -> Result<(), ArchiveError> {
    // A copy whose shown message is lost is shown itself.
    connection.execute(
        "UPDATE messages SET twin_of = NULL, conversation_id = thread_id
         WHERE twin_of IS NOT NULL AND twin_of NOT IN (SELECT id FROM messages)",
        [],
    )?;
    let mut writer = Writer::new(connection)?;
    let sql = format!(
        "SELECT {COLUMNS}, m.thread_id, m.conversation_id, m.twins
         FROM messages m LEFT JOIN participants p ON p.id = m.sender_id ORDER BY m.thread_id, m.ord, m.tie"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let record = read(connection, row)?;
        let id: i64 = row.get(COLUMN_COUNT - 1)?;
        let thread: i64 = row.get(COLUMN_COUNT)?;
        let conversation: Option<i64> = row.get(COLUMN_COUNT + 1)?;
        let twins: i64 = row.get(COLUMN_COUNT + 2)?;
        let Some(conversation) = conversation else { continue };
        writer.derive(connection, Place { thread, conversation }, id, &record, twins == 0)?;
        if twins > 0 {
            index_with_twins(connection, id, &twins_of(connection, id)?)?;
        }
    }
    writer.finish(connection)
}

fn twins_of(connection: &Connection, id: i64) -> Result<Vec<i64>, ArchiveError> {
    let mut statement = connection.prepare_cached("SELECT id FROM messages WHERE twin_of = ?1")?;
    let rows = statement.query_map([id], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
