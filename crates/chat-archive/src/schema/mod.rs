//! The database schema, as a list of steps. A step is never edited once released; add another.

use rusqlite::Connection;

use crate::ArchiveError;

/// Step n brings the database from `user_version` n to n + 1.
const STEPS: &[&str] = &[
    include_str!("1.sql"),
    include_str!("2.sql"),
    include_str!("3.sql"),
    include_str!("4.sql"),
    include_str!("5.sql"),
];

/// After these steps the search index is empty.
const REINDEXED_BY: i64 = 4;

/// Brings an open database to the newest schema, in one transaction.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), ArchiveError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let supported = STEPS.len() as i64;
    if found > supported {
        return Err(ArchiveError::TooNew { found, supported });
    }
    if found == supported {
        return Ok(());
    }
    let tx = connection.transaction()?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    if found < REINDEXED_BY {
        crate::write::index_all(&tx)?;
    }
    tx.pragma_update(None, "user_version", supported)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_of_the_first_version_is_brought_up_to_date() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO conversations VALUES (1, 'whatsapp', 'bo', 'Bo', 5, 'direct', 3);
                 INSERT INTO participants VALUES (1, 1, 'ada', 'Ada');
                 INSERT INTO messages VALUES (7, 1, x'00', NULL, 1, 60000, 2, 'minute', 'local', 'media', 'words',
                    NULL, NULL, 0, NULL, 0, NULL, 1, 3);
                 INSERT INTO attachments VALUES (7, 0, 1, 60000, 'a.jpg', NULL, NULL, NULL, 'file_not_found');",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let place: (i64, i64, i64, i64) = connection
            .query_row(
                "SELECT thread_id, conversation_id, ord, tie FROM messages WHERE id = 7",
                [],
                |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
            )
            .unwrap();
        assert_eq!(place, (1, 1, 60_000, 2));
        let name: String = connection
            .query_row(
                "SELECT a.name FROM attachments a JOIN messages m ON m.id = a.message_id",
                [],
                |r| r.get(0),
            )
            .unwrap();
        assert_eq!(name, "a.jpg");
        connection.execute_batch("PRAGMA foreign_key_check").unwrap();
        let found: i64 = connection
            .query_row("SELECT rowid FROM messages_fts WHERE messages_fts MATCH 'words'", [], |r| {
                r.get(0)
            })
            .unwrap();
        assert_eq!(found, 7, "the index was made anew");
        migrate(&mut connection).unwrap();
    }
}
