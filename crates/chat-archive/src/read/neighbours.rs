//! From one picture or video of a conversation to the next.

use rusqlite::{OptionalExtension, params};

use super::filters::of_sort;
use super::gallery::MediaItem;
use super::query::FileSort;
use crate::{Archive, ArchiveError, MessageId};

/// Which way in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// Earlier messages.
    Older,
    /// Later messages.
    Newer,
}

impl Archive {
    /// The picture or video beside the file number `ordinal` (from 0) of a message; `None`
    /// at the end. What is missing is passed over.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`]: no such message.
    pub fn neighbour_media(
        &self,
        message: MessageId,
        ordinal: u32,
        towards: Towards,
    ) -> Result<Option<MediaItem>, ArchiveError> {
        let (conversation, ts) = self
            .connection
            .prepare_cached("SELECT conversation_id, ts FROM messages WHERE id = ?1")?
            .query_row([message.0], |r| Ok((r.get::<_, Option<i64>>(0)?, r.get::<_, i64>(1)?)))
            .optional()?
            .ok_or(ArchiveError::NotFound("message"))?;
        let (sign, order) = match towards {
            Towards::Older => ("<", "DESC"),
            Towards::Newer => (">", "ASC"),
        };
        let (picture, video) = (of_sort(FileSort::Picture), of_sort(FileSort::Video));
        let sql = format!(
            "SELECT a.message_id, a.ordinal FROM attachments a
             WHERE a.conversation_id = ?1 AND a.hash IS NOT NULL AND ({picture} OR {video})
                AND (a.ts, a.message_id, a.ordinal) {sign} (?2, ?3, ?4)
             ORDER BY a.ts {order}, a.message_id {order}, a.ordinal {order} LIMIT 1"
        );
        let found = self
            .connection
            .prepare_cached(&sql)?
            .query_row(params![conversation, ts, message.0, ordinal], |r| {
                Ok((r.get::<_, i64>(0)?, r.get::<_, u32>(1)?))
            })
            .optional()?;
        let Some((message, ordinal)) = found else { return Ok(None) };
        self.media_of_message(MessageId(message), ordinal)
    }
}
