//! Messages that no importer understood when they came in, for one that understands more.

use rusqlite::{OptionalExtension, params};

use crate::write::message_row::{COLUMN_COUNT, COLUMNS, read};
use crate::{
    Archive, ArchiveError, ConversationKind, ConversationRecord, MessageId, MessageKind,
    MessageRecord, Source,
};

/// Such a message, with the conversation of its export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUnderstood {
    /// Its number.
    pub id: MessageId,
    /// The conversation, without its people.
    pub conversation: ConversationRecord,
    /// As it is; [`crate::Details::raw`] has the export's own form.
    pub record: MessageRecord,
}

impl Archive {
    /// The next messages after `after` whose export's own form is there and was not understood, at
    /// most `limit`.
    pub fn not_understood(
        &self,
        after: MessageId,
        limit: usize,
    ) -> Result<Vec<NotUnderstood>, ArchiveError> {
        let sql = format!(
            "SELECT {COLUMNS}, c.source, c.key, c.title, c.kind
             FROM messages m LEFT JOIN participants p ON p.id = m.sender_id JOIN conversations c ON c.id = m.thread_id
             WHERE m.id > ?1 AND m.kind = ?2 AND m.details IS NOT NULL ORDER BY m.id LIMIT ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows =
            statement.query(params![after.0, MessageKind::Unknown.as_str(), limit as i64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (source, kind): (String, String) =
                (row.get(COLUMN_COUNT)?, row.get(COLUMN_COUNT + 3)?);
            let unknown = |what: &str| ArchiveError::Corrupt(format!("an unknown {what}"));
            found.push(NotUnderstood {
                id: MessageId(row.get(COLUMN_COUNT - 1)?),
                conversation: ConversationRecord {
                    source: Source::parse(&source).ok_or_else(|| unknown("messenger"))?,
                    key: row.get(COLUMN_COUNT + 1)?,
                    title: row.get(COLUMN_COUNT + 2)?,
                    title_as_of: 0,
                    kind: ConversationKind::parse(&kind)
                        .ok_or_else(|| unknown("sort of conversation"))?,
                    participants: Vec::new(),
                },
                record: read(&self.connection, row)?,
            });
        }
        Ok(found)
    }

    /// The number of the importers that last looked at what was not understood; 0 for none.
    pub fn readers(&self) -> Result<u32, ArchiveError> {
        let mut statement =
            self.connection.prepare_cached("SELECT value FROM meta WHERE name = 'readers'")?;
        Ok(statement.query_row([], |r| r.get(0)).optional()?.unwrap_or(0))
    }

    /// Notes that importers of this number have looked.
    pub fn set_readers(&mut self, number: u32) -> Result<(), ArchiveError> {
        let sql = "INSERT INTO meta (name, value) VALUES ('readers', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1";
        self.connection.execute(sql, [number])?;
        Ok(())
    }
}
