//! What changed since a point in time, as a stream.

use rusqlite::{Transaction, params};

use super::record::{Change, ConversationRecord, Cursor};
use crate::facts;
use crate::write::message_row::spelled;
use crate::write::message_row::{self, COLUMN_COUNT, COLUMNS};
use crate::{Archive, ArchiveError, ConversationId, ConversationKind, Participant, Source};

/// Messages held at a time: 500 of at most 64 KiB are 32 MB, of usual ones 100 KB.
const PAGE: i64 = 500;

/// A stream of changes in bounded memory. Every thread that changed comes once, followed by its new
/// and changed messages in the order of their changes and by its facts; then the facts that belong
/// to no thread.
///
/// It reads one consistent state, whatever other handles write meanwhile.
pub struct Changes<'a> {
    tx: Transaction<'a>,
    since: i64,
    through: i64,
    /// What is still to come, the next one last; `None` is what belongs to no thread.
    waiting: Vec<Option<i64>>,
    stage: Stage,
    page: std::vec::IntoIter<Change>,
    failed: bool,
}

/// What is read next, and the number of the last change that was read.
#[derive(Clone, Copy)]
enum Stage {
    Opening,
    Messages(i64, i64),
    Facts(Option<i64>, i64),
}

impl Archive {
    /// Everything new or changed since `cursor`; [`Cursor`] 0 for everything. When the stream has
    /// been stored, the next one starts at [`Changes::through`]. One stream at a time on a handle.
    pub fn changes_since(&self, cursor: Cursor) -> Result<Changes<'_>, ArchiveError> {
        let mut changes = self.changes(cursor)?;
        if changes.has_facts_of_no_thread()? {
            changes.waiting.push(None);
        }
        changes.with_threads(
            "SELECT id FROM conversations WHERE last_change > ?1 AND ?2 IS NULL ORDER BY id DESC",
            None,
        )
    }

    /// The same for one conversation.
    pub fn changes_of(
        &self,
        conversation: ConversationId,
        cursor: Cursor,
    ) -> Result<Changes<'_>, ArchiveError> {
        let changes = self.changes(cursor)?;
        changes.with_threads(
            "SELECT id FROM conversations WHERE last_change > ?1 AND (id = ?2 OR shown_in = ?2) ORDER BY id DESC",
            Some(conversation.0),
        )
    }

    fn changes(&self, cursor: Cursor) -> Result<Changes<'_>, ArchiveError> {
        let tx = self.connection.unchecked_transaction()?;
        let through =
            tx.query_row("SELECT value FROM meta WHERE name = 'change_seq'", [], |r| r.get(0))?;
        Ok(Changes {
            tx,
            since: i64::try_from(cursor.0).unwrap_or(i64::MAX),
            through,
            waiting: Vec::new(),
            stage: Stage::Opening,
            page: Vec::new().into_iter(),
            failed: false,
        })
    }
}

impl Changes<'_> {
    /// Leaves out messages that changed after `until`; they come with the next stream, which starts
    /// there.
    pub fn up_to(mut self, until: Cursor) -> Self {
        self.through = self.through.min(i64::try_from(until.0).unwrap_or(i64::MAX));
        self
    }

    /// The cursor this stream leads to.
    pub fn through(&self) -> Cursor {
        Cursor(self.through.unsigned_abs())
    }

    fn with_threads(mut self, sql: &str, only: Option<i64>) -> Result<Self, ArchiveError> {
        let mut statement = self.tx.prepare(sql)?;
        let threads =
            statement.query_map(params![self.since, only], |r| r.get::<_, Option<i64>>(0))?;
        self.waiting.extend(threads.collect::<Result<Vec<_>, _>>()?);
        drop(statement);
        Ok(self)
    }

    fn has_facts_of_no_thread(&self) -> Result<bool, ArchiveError> {
        let mut statement =
            self.tx.prepare("SELECT 1 FROM facts WHERE thread_id IS NULL AND change_seq > ?1")?;
        Ok(statement.exists([self.since])?)
    }

    fn step(&mut self) -> Result<Option<Change>, ArchiveError> {
        loop {
            if let Some(change) = self.page.next() {
                return Ok(Some(change));
            }
            match self.stage {
                Stage::Opening => {
                    let Some(next) = self.waiting.pop() else { return Ok(None) };
                    return self.open(next).map(Some);
                }
                Stage::Messages(thread, after) => self.load_messages(thread, after)?,
                Stage::Facts(thread, after) => self.load_facts(thread, after)?,
            }
        }
    }

    fn open(&mut self, next: Option<i64>) -> Result<Change, ArchiveError> {
        let Some(thread) = next else {
            self.stage = Stage::Facts(None, self.since);
            return Ok(Change::Everywhere);
        };
        self.stage = Stage::Messages(thread, self.since);
        Ok(Change::Conversation(self.load_conversation(thread)?))
    }

    fn load_messages(&mut self, thread: i64, after: i64) -> Result<(), ArchiveError> {
        let sql = format!(
            "SELECT {COLUMNS}, m.change_seq FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
             WHERE m.thread_id = ?1 AND m.change_seq > ?2 AND m.change_seq <= ?3 ORDER BY m.change_seq LIMIT {PAGE}"
        );
        let mut statement = self.tx.prepare_cached(&sql)?;
        let mut rows = statement.query([thread, after, self.through])?;
        let mut page = Vec::new();
        let mut last = after;
        while let Some(row) = rows.next()? {
            page.push(Change::Message(message_row::read(&self.tx, row)?));
            last = row.get(COLUMN_COUNT)?;
        }
        drop(rows);
        drop(statement);
        self.stage = match page.is_empty() {
            true => Stage::Facts(Some(thread), self.since),
            false => Stage::Messages(thread, last),
        };
        self.page = page.into_iter();
        Ok(())
    }

    fn load_facts(&mut self, thread: Option<i64>, after: i64) -> Result<(), ArchiveError> {
        let (facts, last) = facts::facts_after(&self.tx, thread, after, self.through)?;
        self.stage = if facts.is_empty() { Stage::Opening } else { Stage::Facts(thread, last) };
        self.page = facts.into_iter().map(Change::Fact).collect::<Vec<_>>().into_iter();
        Ok(())
    }

    fn load_conversation(&self, id: i64) -> Result<ConversationRecord, ArchiveError> {
        let mut people = self.tx.prepare_cached(
            "SELECT key, name, told FROM participants WHERE conversation_id = ?1 ORDER BY id",
        )?;
        let participants = people
            .query_map([id], |r| {
                Ok(Participant { key: r.get(0)?, name: r.get(1)?, own: r.get(2)? })
            })?
            .collect::<Result<_, _>>()?;
        let mut statement = self.tx.prepare_cached(
            "SELECT source, key, title, title_as_of, kind FROM conversations WHERE id = ?1",
        )?;
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
