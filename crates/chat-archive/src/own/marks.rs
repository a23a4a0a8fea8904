//! Where it has to be decided anew who the owner is.

use rusqlite::{Connection, params};

use crate::ArchiveError;
use crate::facts::OwnName;
use crate::write::Writer;

/// Threads in which a name appears are decided anew.
pub(crate) fn mark_threads_with(
    connection: &Connection,
    writer: &mut Writer,
    name: &OwnName,
) -> Result<(), ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT c.id FROM conversations c JOIN participants p ON p.conversation_id = c.id
         WHERE c.source = ?1 AND p.key = ?2",
    )?;
    let mut rows = statement.query(params![name.source.as_str(), name.key])?;
    while let Some(row) = rows.next()? {
        writer.own_may_change(row.get(0)?);
    }
    Ok(())
}
