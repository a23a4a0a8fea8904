//! A conversation as an endless list: by index for a scroll bar, by position for the next page.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};
use serde::{Deserialize, Serialize};

use crate::write::counts::LEVELS;
use crate::write::message_row::{self, COLUMN_COUNT, COLUMNS};
use crate::{
    Archive, ArchiveError, ConversationId, MessageId, MessageKey, MessageRecord, Participant,
};

/// A message ready to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Number in this archive.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Where it stands, for the page before or after it.
    pub position: Position,
    /// Who; `None` for the messenger itself.
    pub sender: Option<Participant>,
    /// The message this answers, if it is in the archive.
    pub reply: Option<ReplyPreview>,
    /// Everything else.
    pub record: MessageRecord,
}

/// A place in a conversation's order: sorting time, then order within that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Sorting time, ms: the message's own, or that of the one above it if that is later.
    pub ms: i64,
    /// Order within the sorting time.
    pub tie: i64,
    /// Number in this archive.
    pub id: i64,
}

/// The quoted message above an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyPreview {
    /// Which message.
    pub id: MessageId,
    /// Who wrote it.
    pub sender: Option<String>,
    /// At most the first 200 characters.
    pub text: String,
}

/// A page is never larger than this, whatever is asked: 1,000 messages of 64 KiB are 64 MB.
const MAX_PAGE: usize = 1_000;

impl Archive {
    /// Messages number `start` (from 0) to `start + limit` in order of time. Finds the place in
    /// three short index reads plus a skip within a span of 4.7 hours.
    pub fn messages_at(
        &self,
        id: ConversationId,
        start: u64,
        limit: usize,
    ) -> Result<Vec<MessageView>, ArchiveError> {
        let (from_ms, skip) = self.locate(id, start)?;
        self.page(
            "m.conversation_id = ? AND m.ord >= ? ORDER BY m.ord, m.tie, m.id LIMIT ? OFFSET ?",
            vec![Value::from(id.0), from_ms.into(), page_size(limit), skip.into()],
        )
    }

    /// The messages after a position, oldest first; from the beginning for `None`.
    pub fn messages_after(
        &self,
        id: ConversationId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<MessageView>, ArchiveError> {
        let p = after.unwrap_or(Position { ms: i64::MIN, tie: i64::MIN, id: i64::MIN });
        self.page(
            "m.conversation_id = ? AND (m.ord, m.tie, m.id) > (?, ?, ?) ORDER BY m.ord, m.tie, m.id LIMIT ?",
            vec![Value::from(id.0), p.ms.into(), p.tie.into(), p.id.into(), page_size(limit)],
        )
    }

    /// The messages before a position, **oldest first**; the newest ones for `None`.
    pub fn messages_before(
        &self,
        id: ConversationId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<MessageView>, ArchiveError> {
        let p = before.unwrap_or(Position { ms: i64::MAX, tie: i64::MAX, id: i64::MAX });
        let mut page = self.page(
            "m.conversation_id = ? AND (m.ord, m.tie, m.id) < (?, ?, ?)
             ORDER BY m.ord DESC, m.tie DESC, m.id DESC LIMIT ?",
            vec![Value::from(id.0), p.ms.into(), p.tie.into(), p.id.into(), page_size(limit)],
        )?;
        page.reverse();
        Ok(page)
    }

    /// Jump to a date: the number of the first message at or after `ms` (the message count if
    /// there is none).
    pub fn index_of_time(&self, id: ConversationId, ms: i64) -> Result<u64, ArchiveError> {
        let mut before = 0;
        let mut from = i64::MIN;
        for level in LEVELS {
            let bucket = ms >> level;
            before += self.count_span(id, level, from, bucket)?;
            from = (bucket << level) >> next_level(level);
        }
        let span_start = (ms >> LEVELS[2]) << LEVELS[2];
        let rest: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM messages WHERE conversation_id = ?1 AND ord >= ?2 AND ord < ?3")?
            .query_row(params![id.0, span_start, ms], |r| r.get(0))?;
        Ok((before + rest).unsigned_abs())
    }

    /// The number of a message within its conversation, from 0.
    pub fn index_of(&self, message: MessageId) -> Result<u64, ArchiveError> {
        let view = self.message(message)?;
        let p = view.position;
        let base = self.index_of_time(view.conversation, p.ms)?;
        let earlier: i64 = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM messages WHERE conversation_id = ?1 AND ord = ?2 AND (tie, id) < (?3, ?4)",
            )?
            .query_row(params![view.conversation.0, p.ms, p.tie, p.id], |r| r.get(0))?;
        Ok(base + earlier.unsigned_abs())
    }

    /// One message.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`].
    pub fn message(&self, id: MessageId) -> Result<MessageView, ArchiveError> {
        self.page("m.id = ?", vec![id.0.into()])?.pop().ok_or(ArchiveError::NotFound("message"))
    }

    /// The time from which to skip `skip` messages to reach number `index`.
    fn locate(&self, id: ConversationId, index: u64) -> Result<(i64, i64), ArchiveError> {
        let mut skip = i64::try_from(index).unwrap_or(i64::MAX);
        let (mut from, mut to) = (i64::MIN, i64::MAX);
        let mut found = i64::MIN;
        for level in LEVELS {
            let mut statement = self.connection.prepare_cached(
                "SELECT bucket, n FROM message_counts
                 WHERE conversation_id = ?1 AND level = ?2 AND bucket >= ?3 AND bucket < ?4 ORDER BY bucket",
            )?;
            let mut rows = statement.query(params![id.0, level, from, to])?;
            let mut bucket = None;
            while let Some(row) = rows.next()? {
                let n: i64 = row.get(1)?;
                bucket = Some(row.get::<_, i64>(0)?);
                if n > skip {
                    break;
                }
                skip -= n;
                bucket = None;
            }
            // Past the end: nothing lies at or after the end of time.
            let Some(bucket) = bucket else { return Ok((i64::MAX, 0)) };
            found = bucket << level;
            let children = level - next_level(level);
            (from, to) = (bucket << children, (bucket + 1) << children);
        }
        Ok((found, skip))
    }

    fn count_span(
        &self,
        id: ConversationId,
        level: u32,
        from: i64,
        to: i64,
    ) -> Result<i64, ArchiveError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(sum(n), 0) FROM message_counts
             WHERE conversation_id = ?1 AND level = ?2 AND bucket >= ?3 AND bucket < ?4",
        )?;
        Ok(statement.query_row(params![id.0, level, from, to], |r| r.get(0))?)
    }

    /// Messages that a condition selects, in its order.
    pub(crate) fn page(
        &self,
        condition: &str,
        values: Vec<Value>,
    ) -> Result<Vec<MessageView>, ArchiveError> {
        let sql = format!(
            "SELECT {COLUMNS}, m.conversation_id, coalesce(q.shown, p.shown, q.name, p.name),
                max(coalesce(q.own, p.own), coalesce(p.own, q.own)),
                m.thread_id, m.twins, m.shift, coalesce(q.key, p.key)
             FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
                LEFT JOIN participants q ON q.id = p.same_as
             WHERE m.conversation_id IS NOT NULL AND {condition}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(self.view(row)?);
        }
        Ok(page)
    }

    fn view(&self, row: &Row<'_>) -> Result<MessageView, ArchiveError> {
        let mut record = message_row::read(&self.connection, row)?;
        let id: i64 = row.get(COLUMN_COUNT - 1)?;
        let conversation = ConversationId(row.get(COLUMN_COUNT)?);
        let thread: i64 = row.get(COLUMN_COUNT + 3)?;
        let position = Position { ms: record.sorting_ms(), tie: record.tie, id };
        let sender = match row.get::<_, Option<String>>(COLUMN_COUNT + 6)? {
            Some(key) => {
                let name: Option<String> = row.get(COLUMN_COUNT + 1)?;
                Some(Participant {
                    key,
                    name: name.unwrap_or_default(),
                    own: row.get(COLUMN_COUNT + 2)?,
                })
            }
            None => None,
        };
        let shift: i64 = row.get(COLUMN_COUNT + 5)?;
        record.time.ms = record.time.ms.saturating_add(shift);
        if row.get::<_, i64>(COLUMN_COUNT + 4)? > 0 {
            self.fold_twins(id, &mut record)?;
        }
        record.sender = sender.as_ref().map(|p| p.key.clone());
        let reply = self.reply_preview(thread, &record)?;
        Ok(MessageView { id: MessageId(id), conversation, position, sender, reply, record })
    }

    /// Takes in what the hidden copies of a message know; its time stays.
    fn fold_twins(&self, id: i64, record: &mut MessageRecord) -> Result<(), ArchiveError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id FROM messages WHERE twin_of = ?1 ORDER BY thread_id, id")?;
        let twins: Vec<i64> = statement.query_map([id], |r| r.get(0))?.collect::<Result<_, _>>()?;
        let (time, order) = (record.time, record.order);
        for twin in twins {
            crate::merge::merge(record, &message_row::load(&self.connection, twin)?);
        }
        record.time = time;
        record.order = order;
        Ok(())
    }

    fn reply_preview(
        &self,
        thread: i64,
        record: &MessageRecord,
    ) -> Result<Option<ReplyPreview>, ArchiveError> {
        let Some(target) = &record.reply_to else { return Ok(None) };
        let mut statement = self.connection.prepare_cached(
            "SELECT m.id, coalesce(p.shown, p.name), substr(m.text, 1, 200)
             FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
             WHERE m.thread_id = ?1 AND m.key = ?2",
        )?;
        let key = MessageKey::of_source_id(target).0;
        Ok(statement
            .query_row(params![thread, key], |r| {
                Ok(ReplyPreview { id: MessageId(r.get(0)?), sender: r.get(1)?, text: r.get(2)? })
            })
            .optional()?)
    }
}

fn page_size(limit: usize) -> Value {
    Value::from(limit.min(MAX_PAGE) as i64)
}

/// The level below, or the same for the last.
fn next_level(level: u32) -> u32 {
    LEVELS.into_iter().find(|l| *l < level).unwrap_or(level)
}
