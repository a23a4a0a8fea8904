//! What follows from rows: the search index, counts by time, and marks.

use rusqlite::Connection;

use crate::ArchiveError;
use crate::write::message_row::{COLUMN_COUNT, COLUMNS, Place, read};
use crate::write::{Writer, index_all};

/// Makes it for every message; there must be none of it yet.
pub(super) fn derive(connection: &Connection) -> Result<(), ArchiveError> {
    // A copy whose shown message is lost is shown itself.
    connection.execute(
        "UPDATE messages SET twin_of = NULL, conversation_id = thread_id
         WHERE twin_of IS NOT NULL AND twin_of NOT IN (SELECT id FROM messages)",
        [],
    )?;
    index_all(connection)?;
    let mut writer = Writer::new(connection)?;
    let sql = format!(
        "SELECT {COLUMNS}, m.thread_id, m.conversation_id
         FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
         WHERE m.conversation_id IS NOT NULL ORDER BY m.thread_id, m.ord, m.tie"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let place =
            Place { thread: row.get(COLUMN_COUNT)?, conversation: row.get(COLUMN_COUNT + 1)? };
        writer.count_and_mark(
            connection,
            place,
            row.get(COLUMN_COUNT - 1)?,
            &read(connection, row)?,
        )?;
    }
    writer.finish(connection)
}
