//! Facts out of the database.

use rusqlite::Connection;

use super::{FactKey, FactRecord};
use crate::ArchiveError;

/// Facts that a condition selects.
pub(crate) fn select(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<FactRecord>, ArchiveError> {
    let sql = format!("SELECT key, as_of, json FROM facts WHERE {condition}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let json: String = row.get(2)?;
        let fact = serde_json::from_str(&json)
            .map_err(|_| ArchiveError::Corrupt("unreadable fact".into()))?;
        found.push(FactRecord { key: FactKey(row.get(0)?), as_of: row.get(1)?, fact });
    }
    Ok(found)
}
