//! The list of conversations.

use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::write::counts::LEVELS;
use crate::write::message_row::spelled;
use crate::{
    Archive, ArchiveError, ConversationId, ConversationKind, MessageId, Participant, Source,
    Timestamp,
};

/// A line of the conversation list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationSummary {
    /// Number in this archive.
    pub id: ConversationId,
    /// Messenger.
    pub source: Source,
    /// Stable identity within the source.
    pub key: String,
    /// Name to show.
    pub title: String,
    /// Two people or many.
    pub kind: ConversationKind,
    /// Everyone seen in it.
    pub participants: Vec<Participant>,
    /// How many messages.
    pub messages: u64,
    /// How many files, missing ones included.
    pub attachments: u64,
    /// How many of those are missing.
    pub attachments_missing: u64,
    /// Files that no message names.
    pub unclaimed_files: u64,
    /// The newest message.
    pub last: Option<LastMessage>,
}

/// The newest message of a conversation, for the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Which.
    pub id: MessageId,
    /// Who.
    pub sender: Option<String>,
    /// When.
    pub time: Timestamp,
    /// At most the first 200 characters.
    pub text: String,
    /// How many files it carries.
    pub attachments: u64,
}

/// The title is the one seen with the newest message; one thread of a group makes it a group.
const SUMMARY: &str = "SELECT c.id, c.source, c.key,
        (SELECT t.title FROM conversations t WHERE t.id = c.id OR t.shown_in = c.id
         ORDER BY t.title_as_of DESC, t.id LIMIT 1),
        (SELECT max(t.kind) FROM conversations t WHERE t.id = c.id OR t.shown_in = c.id)
     FROM conversations c WHERE c.shown_in IS NULL";

impl Archive {
    /// All conversations, the most recently active first.
    pub fn conversations(&self) -> Result<Vec<ConversationSummary>, ArchiveError> {
        let mut statement = self.connection.prepare_cached(SUMMARY)?;
        let mut rows = statement.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(self.summary(row)?);
        }
        all.sort_by_key(|c| std::cmp::Reverse(c.last.as_ref().map(|l| l.time.ms)));
        Ok(all)
    }

    /// One conversation.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`].
    pub fn conversation(&self, id: ConversationId) -> Result<ConversationSummary, ArchiveError> {
        let mut statement = self.connection.prepare_cached(&format!("{SUMMARY} AND c.id = ?1"))?;
        let mut rows = statement.query([id.0])?;
        self.summary(rows.next()?.ok_or(ArchiveError::NotFound("conversation"))?)
    }

    /// The conversation with this identity, if the archive has it.
    pub fn find_conversation(
        &self,
        source: Source,
        key: &str,
    ) -> Result<Option<ConversationId>, ArchiveError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id FROM conversations WHERE source = ?1 AND key = ?2")?;
        Ok(statement
            .query_row([source.as_str(), key], |r| r.get(0).map(ConversationId))
            .optional()?)
    }

    /// How many messages a conversation has.
    pub fn message_count(&self, id: ConversationId) -> Result<u64, ArchiveError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(sum(n), 0) FROM message_counts WHERE conversation_id = ?1 AND level = ?2",
        )?;
        let n: i64 = statement.query_row([id.0, i64::from(LEVELS[0])], |r| r.get(0))?;
        Ok(n.unsigned_abs())
    }

    fn summary(&self, row: &Row<'_>) -> Result<ConversationSummary, ArchiveError> {
        let id = ConversationId(row.get(0)?);
        let (attachments, attachments_missing) = self.attachment_counts(id)?;
        let kind = spelled(row, 4, ConversationKind::parse)?;
        let title: String = row.get(3)?;
        Ok(ConversationSummary {
            id,
            source: spelled(row, 1, Source::parse)?,
            key: row.get(2)?,
            title: self.name_in_place_of(id, kind, &title)?.unwrap_or(title),
            kind,
            participants: self.participants(id)?,
            messages: self.message_count(id)?,
            attachments,
            attachments_missing,
            unclaimed_files: self.unclaimed_count(id)?,
            last: self.last_message(id)?,
        })
    }

    /// A conversation's title as the list shows it.
    pub(crate) fn shown_title(&self, id: ConversationId) -> Result<String, ArchiveError> {
        let mut statement = self.connection.prepare_cached(&format!("{SUMMARY} AND c.id = ?1"))?;
        let mut rows = statement.query([id.0])?;
        let row = rows.next()?.ok_or(ArchiveError::NotFound("conversation"))?;
        let title: String = row.get(3)?;
        let kind = spelled(row, 4, ConversationKind::parse)?;
        Ok(self.name_in_place_of(id, kind, &title)?.unwrap_or(title))
    }

    /// The name that is shown for somebody, in place of a chat's title that is their number or
    /// their name in the export.
    fn name_in_place_of(
        &self,
        id: ConversationId,
        kind: ConversationKind,
        title: &str,
    ) -> Result<Option<String>, ArchiveError> {
        if kind != ConversationKind::Direct {
            return Ok(None);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT shown FROM participants
             WHERE conversation_id IN (SELECT id FROM conversations WHERE id = ?1 OR shown_in = ?1)
               AND shown IS NOT NULL AND (name = ?2 OR key = ?2) ORDER BY id LIMIT 1",
        )?;
        Ok(statement.query_row(params![id.0, title], |r| r.get(0)).optional()?)
    }

    /// Everyone seen in a conversation, in order of appearance.
    pub fn participants(&self, id: ConversationId) -> Result<Vec<Participant>, ArchiveError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT key, coalesce(shown, name), max(own) FROM participants
                 WHERE same_as IS NULL
                    AND conversation_id IN (SELECT id FROM conversations WHERE id = ?1 OR shown_in = ?1)
                 GROUP BY key, coalesce(shown, name) ORDER BY min(id)",
        )?;
        let people = statement.query_map([id.0], |r| {
            Ok(Participant { key: r.get(0)?, name: r.get(1)?, own: r.get(2)? })
        })?;
        Ok(people.collect::<Result<_, _>>()?)
    }

    fn attachment_counts(&self, id: ConversationId) -> Result<(u64, u64), ArchiveError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*), count(missing) FROM attachments WHERE conversation_id = ?1",
        )?;
        let (all, missing): (i64, i64) =
            statement.query_row([id.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok((all.unsigned_abs(), missing.unsigned_abs()))
    }

    fn last_message(&self, id: ConversationId) -> Result<Option<LastMessage>, ArchiveError> {
        let newest = self.messages_before(id, None, 1)?.pop();
        Ok(newest.map(|m| LastMessage {
            id: m.id,
            sender: m.sender.map(|p| p.name),
            time: m.record.time,
            text: m.record.text.chars().take(200).collect(),
            attachments: m.record.attachments.len() as u64,
        }))
    }
}
