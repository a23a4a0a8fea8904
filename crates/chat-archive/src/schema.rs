//! The database schema, as a list of steps. A step is never edited once released; add another.

use rusqlite::Connection;

use crate::ArchiveError;

/// Step n brings the database from `user_version` n to n + 1.
const STEPS: &[&str] = &[include_str!("schema/1.sql")];

/// Brings an open database to the newest schema, in one transaction.
pub fn migrate(connection: &mut Connection) -> Result<(), ArchiveError> {
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
    tx.pragma_update(None, "user_version", supported)?;
    tx.commit()?;
    Ok(())
}
