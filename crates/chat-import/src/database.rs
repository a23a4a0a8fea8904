//! SQLite files of messengers, read by names of columns: versions add and drop them.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::{Map, Value};

use crate::export_files::display_name;
use crate::{DatabaseKey, ImportError};

/// A messenger's database, opened for reading only.
pub(crate) struct Database {
    connection: Connection,
    name: String,
}

/// The first bytes of every SQLite file.
pub(crate) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Seconds from 1970 to 2001, from which Apple's databases count.
pub(crate) const APPLE_EPOCH: i64 = 978_307_200;

/// Longest text and blob that is taken: 16 MiB. WhatsApp's longest text has 256 KiB.
const MAX_VALUE: i32 = 16 << 20;

impl Database {
    /// Opens a file. Nothing in it is trusted: no function of its schema runs.
    ///
    /// # Errors
    /// [`ImportError::Damaged`] if it is no database that can be read.
    pub(crate) fn open(path: &Path, key: Option<&DatabaseKey>) -> Result<Self, ImportError> {
        let name = display_name(path);
        let open = || {
            let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            if let Some(key) = key {
                connection.execute_batch(&key.pragma())?;
            }
            connection.set_limit(rusqlite::limits::Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
            connection.execute_batch(
                "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON;",
            )?;
            connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
            Ok(connection)
        };
        match open() {
            Ok(connection) => Ok(Self { connection, name }),
            Err(error) => Err(damaged(&name, &error)),
        }
    }

    /// Whether all of these tables are there.
    pub(crate) fn has_tables(&self, tables: &[&str]) -> bool {
        tables.iter().all(|table| !self.columns(table).is_empty())
    }

    fn columns(&self, table: &str) -> HashSet<String> {
        let read = || {
            let mut statement =
                self.connection.prepare("SELECT lower(name) FROM pragma_table_info(?1)")?;
            statement
                .query_map([table], |r| r.get(0))?
                .collect::<Result<HashSet<String>, rusqlite::Error>>()
        };
        read().unwrap_or_default()
    }

    /// `alias.column AS column, …`, with NULL for those that this version has not.
    pub(crate) fn list(&self, table: &str, alias: &str, columns: &[&str]) -> String {
        let there = self.columns(table);
        let one = |column: &&str| match there.contains(&column.to_lowercase()) {
            true => format!("{alias}.{column} AS {alias}_{column}"),
            false => format!("NULL AS {alias}_{column}"),
        };
        columns.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// Whether a table has a column.
    pub(crate) fn has_column(&self, table: &str, column: &str) -> bool {
        self.columns(table).contains(&column.to_lowercase())
    }

    /// Runs a query and hands over each row.
    pub(crate) fn each(
        &self,
        sql: &str,
        values: &[&dyn rusqlite::ToSql],
        mut on_row: impl FnMut(&Row<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let failed = |error: rusqlite::Error| damaged(&self.name, &error);
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query(values).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            on_row(row)?;
        }
        Ok(())
    }

    /// One number.
    pub(crate) fn count(&self, sql: &str) -> u64 {
        self.connection.query_row(sql, [], |r| r.get::<_, i64>(0)).map_or(0, i64::unsigned_abs)
    }
}

fn damaged(name: &str, error: &rusqlite::Error) -> ImportError {
    ImportError::Damaged {
        file: name.to_owned(),
        place: "database".into(),
        what: error.to_string(),
    }
}

/// Text of a column, whatever is there: nothing, text that is not UTF-8, a number.
pub(crate) fn text(row: &Row<'_>, column: &str) -> Option<String> {
    let found = match row.get_ref(column).ok()? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(n) => n.to_string(),
        ValueRef::Null => return None,
    };
    (!found.is_empty()).then_some(found)
}

/// A whole number of a column.
pub(crate) fn number(row: &Row<'_>, column: &str) -> Option<i64> {
    match row.get_ref(column).ok()? {
        ValueRef::Integer(n) => Some(n),
        ValueRef::Real(n) if n.is_finite() => Some(n as i64),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        _ => None,
    }
}

/// A number of a column.
pub(crate) fn real(row: &Row<'_>, column: &str) -> Option<f64> {
    match row.get_ref(column).ok()? {
        ValueRef::Integer(n) => Some(n as f64),
        ValueRef::Real(n) if n.is_finite() => Some(n),
        _ => None,
    }
}

/// Bytes of a column.
pub(crate) fn bytes(row: &Row<'_>, column: &str) -> Option<Vec<u8>> {
    row.get_ref(column).ok()?.as_blob().ok().map(<[u8]>::to_vec)
}

/// A row as it is, for what is not understood.
pub(crate) fn raw(row: &Row<'_>) -> String {
    let statement: &rusqlite::Statement<'_> = row.as_ref();
    let mut fields = Map::new();
    for name in statement.column_names() {
        let value = match row.get_ref(name) {
            Ok(ValueRef::Integer(n)) => n.into(),
            Ok(ValueRef::Real(n)) => n.into(),
            Ok(ValueRef::Text(bytes)) => String::from_utf8_lossy(bytes).into_owned().into(),
            Ok(ValueRef::Blob(bytes)) => format!("{} bytes", bytes.len()).into(),
            _ => continue,
        };
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields).to_string()
}
