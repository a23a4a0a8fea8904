//! The files of a conversation, by month.

use serde::{Deserialize, Serialize};

use crate::write::message_row::{read_attachment, spelled};
use crate::{
    Archive, ArchiveError, Attachment, ConversationId, MessageId, Precision, Timestamp, Zone,
};

/// How many files a month has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthCount {
    /// `YYYY-MM`.
    pub month: String,
    /// Files, missing ones included.
    pub files: u64,
}

/// A file in the gallery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaItem {
    /// The message that carries it.
    pub message: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// When it was sent.
    pub time: Timestamp,
    /// Which of the message's files, from 0.
    pub ordinal: u32,
    /// The file.
    pub attachment: Attachment,
}

const MONTH: &str = "strftime('%Y-%m', a.ts / 1000, 'unixepoch')";
const ITEM: &str = "SELECT a.message_id, a.conversation_id, m.ts, m.precision, m.zone,
    a.name, a.mime, a.hash, a.size, a.missing, a.ordinal
    FROM attachments a JOIN messages m ON m.id = a.message_id";

impl Archive {
    /// Months that have files, newest first; of one conversation or of all.
    pub fn media_months(
        &self,
        conversation: Option<ConversationId>,
    ) -> Result<Vec<MonthCount>, ArchiveError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {MONTH} AS month, count(*) FROM attachments a
             WHERE ?1 IS NULL OR a.conversation_id = ?1 GROUP BY month ORDER BY month DESC"
        ))?;
        let months = statement.query_map([conversation.map(|c| c.0)], |r| {
            let month: Option<String> = r.get(0)?;
            Ok(MonthCount {
                month: month.unwrap_or_default(),
                files: r.get::<_, i64>(1)?.unsigned_abs(),
            })
        })?;
        Ok(months.collect::<Result<_, _>>()?)
    }

    /// Files sent from `from_ms` to before `to_ms`, newest first.
    pub fn media_between(
        &self,
        conversation: Option<ConversationId>,
        from_ms: i64,
        to_ms: i64,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<MediaItem>, ArchiveError> {
        let sql = format!(
            "{ITEM} WHERE (?1 IS NULL OR a.conversation_id = ?1) AND a.ts >= ?2 AND a.ts < ?3
             ORDER BY a.ts DESC, a.message_id DESC, a.ordinal LIMIT ?4 OFFSET ?5"
        );
        let values = (conversation.map(|c| c.0), from_ms, to_ms, limit as i64, offset as i64);
        self.media_items(&sql, values)
    }

    /// Files sent in a month (`2024-03`, as [`Self::media_months`] has it), newest first.
    pub fn media_of_month(
        &self,
        conversation: Option<ConversationId>,
        month: &str,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<MediaItem>, ArchiveError> {
        let sql = "SELECT unixepoch(?1 || '-01') * 1000, unixepoch(?1 || '-01', '+1 month') * 1000";
        let span: (Option<i64>, Option<i64>) = self
            .connection
            .prepare_cached(sql)?
            .query_row([month], |r| Ok((r.get(0)?, r.get(1)?)))?;
        match span {
            (Some(from), Some(to)) => self.media_between(conversation, from, to, limit, offset),
            _ => Ok(Vec::new()),
        }
    }

    /// Files whose content is not in the archive, newest first.
    pub fn missing_attachments(
        &self,
        conversation: Option<ConversationId>,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<MediaItem>, ArchiveError> {
        let sql = format!(
            "{ITEM} WHERE (?1 IS NULL OR a.conversation_id = ?1) AND a.missing IS NOT NULL
             ORDER BY a.ts DESC, a.message_id DESC, a.ordinal LIMIT ?2 OFFSET ?3"
        );
        self.media_items(&sql, (conversation.map(|c| c.0), limit as i64, offset as i64))
    }

    /// The file number `ordinal` (from 0) of a message, if it has so many.
    pub(super) fn media_of_message(
        &self,
        message: MessageId,
        ordinal: u32,
    ) -> Result<Option<MediaItem>, ArchiveError> {
        let sql = format!("{ITEM} WHERE a.message_id = ?1 AND a.ordinal = ?2");
        Ok(self.media_items(&sql, (message.0, ordinal))?.pop())
    }

    fn media_items(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<MediaItem>, ArchiveError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            items.push(MediaItem {
                message: MessageId(row.get(0)?),
                conversation: ConversationId(row.get(1)?),
                time: Timestamp {
                    ms: row.get(2)?,
                    precision: spelled(row, 3, Precision::parse)?,
                    zone: spelled(row, 4, Zone::parse)?,
                },
                ordinal: row.get(10)?,
                attachment: read_attachment(row, 5)?,
            });
        }
        Ok(items)
    }
}
