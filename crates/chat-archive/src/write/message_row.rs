//! One message as rows of `messages` and `attachments`, and back.

use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{
    ArchiveError, Attachment, AttachmentContent, Details, MediaHash, MessageKey, MessageKind,
    MessageRecord, MissingReason, Precision, Timestamp, Zone,
};

/// Columns of a [`MessageRecord`], for `FROM messages m LEFT JOIN participants p`.
pub(crate) const COLUMNS: &str = "m.key, m.source_id, p.key, m.ts, m.precision, m.zone, m.tie, m.kind, m.text, m.reply_to, \
     m.forwarded_from, m.edited, m.edited_at, m.unsent, m.reactions, m.attachments, m.ord, m.earlier, m.details, m.id";
/// How many columns that is; further ones a query adds start here.
pub(crate) const COLUMN_COUNT: usize = 20;

/// Where a message is put: the thread it belongs to, and the conversation that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The thread.
    pub thread: i64,
    /// The conversation.
    pub conversation: i64,
}

/// Reads a record; attachments are loaded only if there are any.
pub(crate) fn read(connection: &Connection, row: &Row<'_>) -> Result<MessageRecord, ArchiveError> {
    let attachments: i64 = row.get(15)?;
    let ms: i64 = row.get(3)?;
    let order: i64 = row.get(16)?;
    Ok(MessageRecord {
        key: MessageKey(row.get(0)?),
        source_id: row.get(1)?,
        sender: row.get(2)?,
        time: Timestamp {
            ms,
            precision: spelled(row, 4, Precision::parse)?,
            zone: spelled(row, 5, Zone::parse)?,
        },
        order: (order != ms).then_some(order),
        tie: row.get(6)?,
        kind: spelled(row, 7, MessageKind::parse)?,
        text: row.get(8)?,
        reply_to: row.get(9)?,
        forwarded_from: row.get(10)?,
        edited: row.get(11)?,
        edited_at: row.get(12)?,
        unsent: row.get(13)?,
        reactions: json_column(row, 14)?.unwrap_or_default(),
        attachments: if attachments > 0 {
            load_attachments(connection, row.get(COLUMN_COUNT - 1)?)?
        } else {
            Vec::new()
        },
        earlier: json_column(row, 17)?.unwrap_or_default(),
        details: json_column::<Details>(row, 18)?.unwrap_or_default(),
    })
}

/// Loads one message by row id.
pub(crate) fn load(connection: &Connection, id: i64) -> Result<MessageRecord, ArchiveError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages m LEFT JOIN participants p ON p.id = m.sender_id WHERE m.id = ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    match rows.next()? {
        Some(row) => read(connection, row),
        None => Err(ArchiveError::NotFound("message")),
    }
}

/// Inserts unless the key is known; then `None`.
pub(crate) fn insert(
    connection: &Connection,
    place: Place,
    sender: Option<i64>,
    record: &MessageRecord,
    seq: i64,
) -> Result<Option<i64>, ArchiveError> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO messages (thread_id, conversation_id, key, source_id, sender_id, ts, ord, tie, precision,
                zone, kind, text, reply_to, forwarded_from, edited, edited_at, unsent, reactions, attachments,
                earlier, details, change_seq)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22)
             ON CONFLICT (thread_id, key) DO NOTHING",
        )?
        .execute(params![
            place.thread,
            place.conversation,
            record.key.0,
            record.source_id,
            sender,
            record.time.ms,
            record.sorting_ms(),
            record.tie,
            record.time.precision.as_str(),
            record.time.zone.as_str(),
            record.kind.as_str(),
            record.text,
            record.reply_to,
            record.forwarded_from,
            record.edited,
            record.edited_at,
            record.unsent,
            json_unless(record.reactions.is_empty(), &record.reactions)?,
            record.attachments.len() as i64,
            json_unless(record.earlier.is_empty(), &record.earlier)?,
            json_unless(record.details.is_empty(), &record.details)?,
            seq
        ])?;
    Ok((inserted == 1).then(|| connection.last_insert_rowid()))
}

/// Overwrites a known message with its merged form.
pub(crate) fn update(
    connection: &Connection,
    id: i64,
    sender: Option<i64>,
    record: &MessageRecord,
    seq: i64,
) -> Result<(), ArchiveError> {
    connection
        .prepare_cached(
            "UPDATE messages SET source_id=?2, sender_id=?3, ts=?4, ord=?5, tie=?6, precision=?7, zone=?8, kind=?9,
                text=?10, reply_to=?11, forwarded_from=?12, edited=?13, edited_at=?14, unsent=?15, reactions=?16,
                attachments=?17, earlier=?18, details=?19, change_seq=?20
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            record.source_id,
            sender,
            record.time.ms,
            record.sorting_ms(),
            record.tie,
            record.time.precision.as_str(),
            record.time.zone.as_str(),
            record.kind.as_str(),
            record.text,
            record.reply_to,
            record.forwarded_from,
            record.edited,
            record.edited_at,
            record.unsent,
            json_unless(record.reactions.is_empty(), &record.reactions)?,
            record.attachments.len() as i64,
            json_unless(record.earlier.is_empty(), &record.earlier)?,
            json_unless(record.details.is_empty(), &record.details)?,
            seq
        ])?;
    Ok(())
}

/// Writes all attachments of a message, over what was there.
pub(crate) fn write_attachments(
    connection: &Connection,
    conversation: Option<i64>,
    id: i64,
    record: &MessageRecord,
) -> Result<(), ArchiveError> {
    for (ordinal, attachment) in record.attachments.iter().enumerate() {
        let (hash, size, missing) = match &attachment.content {
            AttachmentContent::Present { hash, size } => (Some(hash.0), Some(*size as i64), None),
            AttachmentContent::Missing { reason } => (None, None, Some(reason.as_str())),
        };
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO attachments
                    (message_id, ordinal, conversation_id, ts, name, mime, hash, size, missing)
                 VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
            )?
            .execute(params![
                id,
                ordinal as i64,
                conversation,
                record.time.ms,
                attachment.name,
                attachment.mime,
                hash,
                size,
                missing
            ])?;
    }
    Ok(())
}

fn load_attachments(connection: &Connection, id: i64) -> Result<Vec<Attachment>, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT name, mime, hash, size, missing FROM attachments WHERE message_id = ?1 ORDER BY ordinal",
    )?;
    let mut rows = statement.query([id])?;
    let mut attachments = Vec::new();
    while let Some(row) = rows.next()? {
        attachments.push(read_attachment(row, 0)?);
    }
    Ok(attachments)
}

/// Reads `name, mime, hash, size, missing` starting at column `at`.
pub(crate) fn read_attachment(row: &Row<'_>, at: usize) -> Result<Attachment, ArchiveError> {
    let hash: Option<[u8; 32]> = row.get(at + 2)?;
    let size: Option<i64> = row.get(at + 3)?;
    let content = match hash {
        Some(hash) => AttachmentContent::Present {
            hash: MediaHash(hash),
            size: size.unwrap_or_default().unsigned_abs(),
        },
        None => AttachmentContent::Missing { reason: spelled(row, at + 4, MissingReason::parse)? },
    };
    Ok(Attachment { name: row.get(at)?, mime: row.get(at + 1)?, content })
}

fn json_unless(empty: bool, value: &impl Serialize) -> Result<Option<String>, ArchiveError> {
    if empty {
        return Ok(None);
    }
    let json = serde_json::to_string(value);
    json.map(Some).map_err(|_| ArchiveError::InvalidRecord("a part of a message cannot be written"))
}

fn json_column<T: DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> Result<Option<T>, ArchiveError> {
    let Some(json) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
    serde_json::from_str(&json)
        .map(Some)
        .map_err(|_| ArchiveError::Corrupt("an unreadable part of a message".into()))
}

/// Reads a spelled enum.
pub(crate) fn spelled<T>(
    row: &Row<'_>,
    column: usize,
    parse: fn(&str) -> Option<T>,
) -> Result<T, ArchiveError> {
    let text = row.get_ref(column)?.as_str().ok();
    text.and_then(parse).ok_or_else(|| {
        rusqlite::Error::InvalidColumnType(column, "a stable spelling".into(), Type::Text).into()
    })
}
