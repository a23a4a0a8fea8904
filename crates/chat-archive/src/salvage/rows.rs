//! Rows around damage: after the last readable one, the next readable one is looked for.

use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use crate::ArchiveError;
use crate::archive::{ArchiveKey, DATABASE, unlock};

/// Each of the numbers behind damage is tried up to so many, then ever fewer: a page has about
/// twenty messages.
const TRIED_ALL: u64 = 64;

/// A table that is read in the order of a number.
struct Table {
    name: &'static str,
    columns: &'static str,
    /// What it is ordered by.
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A column of numbers from 1; rows with equal ones are read together.
    Number(&'static str),
    /// `key`, 16 bytes as good as random: its first 8 are the number.
    Key,
}

impl Place {
    fn column(self) -> &'static str {
        match self {
            Self::Number(column) => column,
            Self::Key => "key",
        }
    }

    /// Between two numbers that are tried.
    fn step(self) -> u64 {
        match self {
            Self::Number(_) => 1,
            // 65,536 parts of all keys: less than a page of them for any archive below a million
            // facts.
            Self::Key => 1 << 48,
        }
    }

    fn bound(self, number: u64) -> Value {
        match self {
            Self::Number(_) => Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)),
            Self::Key => Value::Blob(number.to_be_bytes().to_vec()),
        }
    }

    fn number(self, value: &Value) -> u64 {
        match value {
            Value::Integer(number) => number.unsigned_abs(),
            Value::Blob(bytes) => {
                bytes.first_chunk().map_or(u64::MAX, |head| u64::from_be_bytes(*head))
            }
            _ => u64::MAX,
        }
    }
}

const TABLES: [Table; 5] = [
    Table {
        name: "conversations",
        columns: "id, source, key, title, title_as_of, kind, last_change, shown_in",
        place: Place::Number("id"),
    },
    Table {
        name: "participants",
        columns: "id, conversation_id, key, name, told, own, same_as",
        place: Place::Number("id"),
    },
    Table {
        name: "messages",
        columns: "id, thread_id, conversation_id, key, source_id, sender_id, ts, ord, tie, precision, zone, kind, text, \
                  reply_to, forwarded_from, edited, edited_at, unsent, reactions, attachments, earlier, details, twin_of, \
                  twins, shift, change_seq",
        place: Place::Number("id"),
    },
    Table {
        name: "attachments",
        columns: "message_id, ordinal, conversation_id, ts, name, mime, hash, size, missing",
        place: Place::Number("message_id"),
    },
    Table {
        name: "facts",
        columns: "key, thread_id, kind, as_of, json, name, hash, size, change_seq",
        place: Place::Key,
    },
];

/// Of a lost row of these, an index still has what tells it from others.
const FROM_INDEXES: [&str; 2] = [
    "SELECT id, source, key, key, -9223372036854775807, 'direct', 0, NULL FROM conversations
     INDEXED BY sqlite_autoindex_conversations_1",
    "SELECT id, conversation_id, key, '', NULL, NULL, NULL FROM participants
     INDEXED BY sqlite_autoindex_participants_1",
];

#[derive(Default)]
pub(super) struct Copied {
    pub messages: u64,
    pub messages_lost: Option<u64>,
    /// Tables of which some rows were lost.
    pub damaged: Vec<&'static str>,
}

/// The damaged database. After an error its connection is of no more use.
pub(super) struct Source {
    path: PathBuf,
    key: ArchiveKey,
    connection: Connection,
}

impl Source {
    pub(super) fn open(dir: &Path, key: &ArchiveKey) -> Result<Self, ArchiveError> {
        let path = dir.join(DATABASE);
        let connection = connect(&path, key).map_err(|e| crate::archive::explain(e, dir, key))?;
        for table in &TABLES {
            let unknown = |e: rusqlite::Error| ArchiveError::Corrupt(format!("its schema: {e}"));
            connection
                .prepare(&format!("SELECT {} FROM {}", table.columns, table.name))
                .map_err(unknown)?;
        }
        Ok(Self { path, key: key.clone(), connection })
    }

    fn reopen(&mut self) -> Result<(), ArchiveError> {
        self.connection = connect(&self.path, &self.key)?;
        Ok(())
    }

    /// How many messages there were, by an index that can be read.
    pub(super) fn messages(&mut self) -> Option<u64> {
        ["messages_key", "messages_order", "messages_change"].iter().find_map(|index| {
            self.reopen().ok()?;
            let sql = format!("SELECT count(*) FROM messages INDEXED BY {index}");
            self.connection.query_row(&sql, [], |r| r.get::<_, i64>(0)).ok().map(i64::unsigned_abs)
        })
    }

    fn meta(&mut self, name: &str) -> Option<Value> {
        self.reopen().ok()?;
        self.connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |r| r.get(0))
            .ok()
    }
}

fn connect(path: &Path, key: &ArchiveKey) -> Result<Connection, ArchiveError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    unlock(&connection, key)?;
    Ok(connection)
}

/// Copies all tables; `new` is in a transaction and has the newest schema, with nothing in it.
pub(super) fn copy_all(source: &mut Source, new: &Connection) -> Result<Copied, ArchiveError> {
    let mut copied = Copied::default();
    for table in &TABLES {
        if !copy_table(source, new, table)? {
            copied.damaged.push(table.name);
        }
    }
    for (table, sql) in TABLES.iter().zip(FROM_INDEXES) {
        if copied.damaged.contains(&table.name) {
            source.reopen()?;
            // An index may be damaged as well: then there is nothing more to be had.
            let _ = copy_rows(&source.connection, new, table, sql, &[]);
        }
    }
    drop_dangling(new)?;
    copy_meta(source, new)?;
    Ok(copied)
}

/// False if some of it could not be read.
fn copy_table(source: &mut Source, new: &Connection, table: &Table) -> Result<bool, ArchiveError> {
    let sql = format!(
        "SELECT {} FROM {} WHERE {2} >= ?1 ORDER BY {2}",
        table.columns,
        table.name,
        table.place.column()
    );
    let mut whole = true;
    let mut from = 0;
    loop {
        source.reopen()?;
        let read = copy_rows(&source.connection, new, table, &sql, &[table.place.bound(from)]);
        let stopped = match read {
            Ok(()) => return Ok(whole),
            Err(Failed::Reading(last)) => last.unwrap_or(from).max(from),
            Err(Failed::Writing(error)) => return Err(error),
        };
        whole = false;
        match next_readable(source, table, stopped)? {
            Some(next) => from = next,
            None => return Ok(whole),
        }
    }
}

/// The first readable place behind `stopped`.
fn next_readable(
    source: &mut Source,
    table: &Table,
    stopped: u64,
) -> Result<Option<u64>, ArchiveError> {
    let step = table.place.step();
    let (mut unreadable, mut tried) = (stopped, 0);
    let mut readable = loop {
        tried += 1;
        let stride = if tried <= TRIED_ALL { step } else { (unreadable - stopped).max(step) / 4 };
        let Some(next) =
            unreadable.checked_add(stride).filter(|n| table.place == Place::Key || *n < 1 << 62)
        else {
            return Ok(None);
        };
        if is_readable(source, table, next)? {
            break next;
        }
        unreadable = next;
    };
    while readable - unreadable > step {
        let middle = unreadable + (readable - unreadable) / 2;
        if is_readable(source, table, middle)? {
            readable = middle;
        } else {
            unreadable = middle;
        }
    }
    Ok(Some(readable))
}

fn is_readable(source: &mut Source, table: &Table, from: u64) -> Result<bool, ArchiveError> {
    source.reopen()?;
    let column = table.place.column();
    let sql = format!(
        "SELECT {0} FROM {1} WHERE {2} >= ?1 ORDER BY {2} LIMIT 1",
        table.columns, table.name, column
    );
    let mut statement = source.connection.prepare(&sql)?;
    let mut rows = statement.query([table.place.bound(from)])?;
    Ok(rows.next().is_ok())
}

enum Failed {
    /// With the place of the last row that was read.
    Reading(Option<u64>),
    Writing(ArchiveError),
}

fn copy_rows(
    from: &Connection,
    new: &Connection,
    table: &Table,
    select: &str,
    bounds: &[Value],
) -> Result<(), Failed> {
    let writing = |e: rusqlite::Error| Failed::Writing(e.into());
    let count = table.columns.split(',').count();
    let marks = vec!["?"; count].join(",");
    let insert =
        format!("INSERT OR IGNORE INTO {} ({}) VALUES ({marks})", table.name, table.columns);
    let mut insert = new.prepare_cached(&insert).map_err(writing)?;
    let mut last = None;
    let mut statement = from.prepare(select).map_err(|_| Failed::Reading(last))?;
    let mut rows = statement.query(params_from_iter(bounds)).map_err(|_| Failed::Reading(last))?;
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(()),
            Err(_) => return Err(Failed::Reading(last)),
        };
        let values: Result<Vec<Value>, _> = (0..count).map(|column| row.get(column)).collect();
        let values = values.map_err(|_| Failed::Reading(last))?;
        last = Some(table.place.number(&values[0]));
        insert.execute(params_from_iter(&values)).map_err(writing)?;
    }
}

/// What refers to a row that was lost: a sender becomes unknown; a message of no known chat cannot
/// be shown anywhere.
fn drop_dangling(new: &Connection) -> Result<(), ArchiveError> {
    new.execute_batch(
        "UPDATE conversations SET shown_in = NULL WHERE shown_in NOT IN (SELECT id FROM conversations);
         DELETE FROM participants WHERE conversation_id NOT IN (SELECT id FROM conversations);
         UPDATE participants SET same_as = NULL WHERE same_as NOT IN (SELECT id FROM participants);
         DELETE FROM messages WHERE thread_id NOT IN (SELECT id FROM conversations);
         UPDATE messages SET conversation_id = thread_id WHERE conversation_id NOT IN (SELECT id FROM conversations);
         UPDATE messages SET sender_id = NULL WHERE sender_id NOT IN (SELECT id FROM participants);
         DELETE FROM attachments WHERE message_id NOT IN (SELECT id FROM messages);
         DELETE FROM facts WHERE thread_id NOT IN (SELECT id FROM conversations);",
    )?;
    Ok(())
}

/// The archive's id stays if it can be read, and its change numbers never go back.
fn copy_meta(source: &mut Source, new: &Connection) -> Result<(), ArchiveError> {
    let set = "UPDATE meta SET value = ?2 WHERE name = ?1";
    let id = source.meta("archive_id");
    let seq = source.meta("change_seq");
    // Without both, a backup could take new changes for some that it has: the archive counts as
    // another one.
    if let (Some(id), Some(seq)) = (id, seq) {
        new.execute(set, ("archive_id", id))?;
        new.execute(set, ("change_seq", seq))?;
    }
    new.execute(
        "UPDATE conversations SET last_change =
            max(last_change, (SELECT coalesce(max(change_seq), 1) FROM messages WHERE thread_id = conversations.id))",
        [],
    )?;
    new.execute(
        "UPDATE meta SET value = max(value, (SELECT coalesce(max(change_seq), 0) FROM messages),
            (SELECT coalesce(max(change_seq), 0) FROM facts), (SELECT coalesce(max(last_change), 0) FROM conversations))
         WHERE name = 'change_seq'",
        [],
    )?;
    Ok(())
}
