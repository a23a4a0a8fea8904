use rusqlite::{Transaction, params};

use super::record::{Change, ConversationRecord, Cursor, MessageRecord};
use crate::write::message_row::spelled;
use crate::write::message_row::{self, COLUMN_COUNT, COLUMNS};
use crate::{Archive, ArchiveError, ConversationId, ConversationKind, Participant, Source};

/// Messages held at a time: 500 of at most 64 KiB are 32 MB, of usual ones 100 KB.
const PAGE: i64 = 500;

/// A stream of changes in bounded memory. Every conversation that changed comes once, followed
/// by its new and changed messages in the order of their changes.
///
/// It reads one consistent state, whatever other handles write meanwhile.
pub struct Changes<'a> {
    tx: Transaction<'a>,
    since: i64,
    through: i64,
    /// Conversations still to come, the next one last.
    waiting: Vec<i64>,
    current: Option<(i64, i64)>,
    page: std::vec::IntoIter<MessageRecord>,
    failed: bool,
}

impl Archive {
    /// Everything new or changed since `cursor`; [`Cursor`] 0 for everything. When the stream has
    /// been stored, the next one starts at [`Changes::through`]. One stream at a time on a handle.
    pub fn changes_since(&self, cursor: Cursor) -> Result<Changes<'_>, ArchiveError> {
        let changes = self.changes(cursor)?;
        changes
            .with_waiting("SELECT id FROM conversations WHERE last_change > ?1 AND ?2 IS NULL ORDER BY id DESC", None)
    }

    /// The same for one conversation.
    pub fn changes_of(&self, conversation: ConversationId, cursor: Cursor) -> Result<Changes<'_>, ArchiveError> {
        let changes = self.changes(cursor)?;
        changes.with_waiting("SELECT id FROM conversations WHERE last_change > ?1 AND id = ?2", Some(conversation.0))
    }

    fn changes(&self, cursor: Cursor) -> Result<Changes<'_>, ArchiveError> {
        let tx = self.connection.unchecked_transaction()?;
        let through = tx.query_row("SELECT value FROM meta WHERE name = 'change_seq'", [], |r| r.get(0))?;
        Ok(Changes {
            tx,
            since: i64::try_from(cursor.0).unwrap_or(i64::MAX),
            through,
            waiting: Vec::new(),
            current: None,
            page: Vec::new().into_iter(),
            failed: false,
        })
    }
}

impl Changes<'_> {
    /// Leaves out messages that changed after `until`; they come with the next stream, which starts there.
    pub fn up_to(mut self, until: Cursor) -> Self {
        self.through = self.through.min(i64::try_from(until.0).unwrap_or(i64::MAX));
        self
    }

    /// The cursor this stream leads to.
    pub fn through(&self) -> Cursor {
        Cursor(self.through.unsigned_abs())
    }

    fn with_waiting(mut self, sql: &str, only: Option<i64>) -> Result<Self, ArchiveError> {
        let mut statement = self.tx.prepare(sql)?;
        self.waiting = statement.query_map(params![self.since, only], |r| r.get(0))?.collect::<Result<_, _>>()?;
        drop(statement);
        Ok(self)
    }

    fn step(&mut self) -> Result<Option<Change>, ArchiveError> {
        loop {
            if let Some(message) = self.page.next() {
                return Ok(Some(Change::Message(message)));
            }
            if let Some((conversation, after)) = self.current.take() {
                self.load_page(conversation, after)?;
                continue;
            }
            let Some(conversation) = self.waiting.pop() else { return Ok(None) };
            self.current = Some((conversation, self.since));
            return Ok(Some(Change::Conversation(self.load_conversation(conversation)?)));
        }
    }

    fn load_page(&mut self, conversation: i64, after: i64) -> Result<(), ArchiveError> {
        let sql = format!(
            "SELECT {COLUMNS}, m.change_seq FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
             WHERE m.conversation_id = ?1 AND m.change_seq > ?2 AND m.change_seq <= ?3 ORDER BY m.change_seq LIMIT {PAGE}"
        );
        let mut statement = self.tx.prepare_cached(&sql)?;
        let mut rows = statement.query([conversation, after, self.through])?;
        let mut page = Vec::new();
        let mut last = after;
        while let Some(row) = rows.next()? {
            page.push(message_row::read(&self.tx, row)?);
            last = row.get(COLUMN_COUNT)?;
        }
        drop(rows);
        drop(statement);
        if !page.is_empty() {
            self.current = Some((conversation, last));
        }
        self.page = page.into_iter();
        Ok(())
    }

    fn load_conversation(&self, id: i64) -> Result<ConversationRecord, ArchiveError> {
        let mut people =
            self.tx.prepare_cached("SELECT key, name FROM participants WHERE conversation_id = ?1 ORDER BY id")?;
        let participants = people
            .query_map([id], |r| Ok(Participant { key: r.get(0)?, name: r.get(1)? }))?
            .collect::<Result<_, _>>()?;
        let mut statement =
            self.tx.prepare_cached("SELECT source, key, title, title_as_of, kind FROM conversations WHERE id = ?1")?;
        let mut rows = statement.query([id])?;
        let row = rows.next()?.ok_or(ArchiveError::NotFound("conversation"))?;
        Ok(ConversationRecord {
            source: spelled(row, 0, Source::parse)?,
            key: row.get(1)?,
            title: row.get(2)?,
            title_as_of: row.get(3)?,
            kind: spelled(row, 4, ConversationKind::parse)?,
            participants,
        })
    }
}

impl Iterator for Changes<'_> {
    type Item = Result<Change, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step();
        self.failed = step.is_err();
        step.transpose()
    }
}
