//! Deleting a chat, because its owner wants it gone. Nothing else in this crate deletes what was
//! imported.

use std::collections::BTreeSet;

use rusqlite::{Connection, TransactionBehavior};

use crate::facts::{self, Fact};
use crate::{Archive, ArchiveError, ConversationId, MediaHash, Source, ThreadName};

/// What was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Messages, hidden copies included.
    pub messages: u64,
    /// Media that nothing names any more. They are still in the vault.
    pub media: Vec<MediaHash>,
}

/// Rows of one thread, by its number; what refers to others comes before them.
const OF_THREAD: &[&str] = &[
    "DELETE FROM messages_fts WHERE rowid IN (SELECT id FROM messages WHERE thread_id = ?1)",
    "DELETE FROM attachments WHERE message_id IN (SELECT id FROM messages WHERE thread_id = ?1)",
    "DELETE FROM marks WHERE thread_id = ?1",
    "DELETE FROM message_counts WHERE conversation_id = ?1",
    "DELETE FROM facts WHERE thread_id = ?1",
    "UPDATE participants SET same_as = NULL
     WHERE same_as IN (SELECT id FROM participants WHERE conversation_id = ?1)",
];

impl Archive {
    /// The threads that are shown as one conversation: their names in backups and other archives.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`] if there is no such conversation.
    pub fn threads_of(
        &self,
        conversation: ConversationId,
    ) -> Result<Vec<ThreadName>, ArchiveError> {
        Ok(threads(&self.connection, conversation)?.into_iter().map(|(_, name)| name).collect())
    }

    /// Deletes a conversation with all its threads, in one transaction. What is free then is
    /// overwritten, in the database and in its search index; that takes some seconds in a large
    /// archive. An export of it that is imported again, and a restore, bring it back.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`]; [`ArchiveError::Busy`], [`ArchiveError::DiskFull`]: nothing was
    /// deleted.
    pub fn delete_conversation(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Deleted, ArchiveError> {
        self.connection.pragma_update(None, "secure_delete", true)?;
        let deleted = self.delete(conversation);
        self.connection.pragma_update(None, "secure_delete", false)?;
        let deleted = deleted?;
        // The log has the pages as they were.
        self.connection.pragma_query(None, "wal_checkpoint", |_| Ok(()))?;
        Ok(deleted)
    }

    fn delete(&mut self, conversation: ConversationId) -> Result<Deleted, ArchiveError> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let threads = threads(&tx, conversation)?;
        let mut deleted = Deleted::default();
        let mut media = BTreeSet::new();
        for (thread, _) in &threads {
            media.extend(media_of(&tx, *thread)?);
            for sql in OF_THREAD {
                tx.execute(sql, [thread])?;
            }
            deleted.messages +=
                tx.execute("DELETE FROM messages WHERE thread_id = ?1", [thread])? as u64;
        }
        // The conversation that shows the others comes last.
        for (thread, name) in threads.iter().rev() {
            tx.execute("DELETE FROM participants WHERE conversation_id = ?1", [thread])?;
            tx.execute("DELETE FROM conversations WHERE id = ?1", [thread])?;
            forget_links(&tx, name)?;
        }
        deleted.media = media
            .into_iter()
            .filter_map(|hash| unnamed(&tx, hash).transpose())
            .collect::<Result<_, _>>()?;
        // Words of deleted messages stay in the index until it is merged.
        tx.execute("INSERT INTO messages_fts (messages_fts) VALUES ('optimize')", [])?;
        tx.commit()?;
        Ok(deleted)
    }
}

/// The conversation itself first.
fn threads(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Vec<(i64, ThreadName)>, ArchiveError> {
    let mut statement = connection.prepare(
        "SELECT id, source, key FROM conversations WHERE id = ?1 OR shown_in = ?1 ORDER BY shown_in IS NOT NULL, id",
    )?;
    let mut rows = statement.query([conversation.0])?;
    let mut threads = Vec::new();
    while let Some(row) = rows.next()? {
        let source = crate::write::message_row::spelled(row, 1, Source::parse)?;
        threads.push((row.get(0)?, ThreadName { source, key: row.get(2)? }));
    }
    if threads.is_empty() { Err(ArchiveError::NotFound("conversation")) } else { Ok(threads) }
}

fn media_of(connection: &Connection, thread: i64) -> Result<Vec<[u8; 32]>, ArchiveError> {
    let mut statement = connection.prepare(
        "SELECT a.hash FROM attachments a JOIN messages m ON m.id = a.message_id
         WHERE m.thread_id = ?1 AND a.hash IS NOT NULL
         UNION SELECT hash FROM facts WHERE thread_id = ?1 AND hash IS NOT NULL",
    )?;
    let hashes = statement.query_map([thread], |r| r.get(0))?;
    Ok(hashes.collect::<Result<_, _>>()?)
}

/// The hash, if nothing names it.
fn unnamed(connection: &Connection, hash: [u8; 32]) -> Result<Option<MediaHash>, ArchiveError> {
    for sql in ["SELECT 1 FROM attachments WHERE hash = ?1", "SELECT 1 FROM facts WHERE hash = ?1"]
    {
        if connection.prepare_cached(sql)?.exists([hash])? {
            return Ok(None);
        }
    }
    Ok(Some(MediaHash(hash)))
}

/// What is known of a thread and others belongs to no thread.
fn forget_links(connection: &Connection, name: &ThreadName) -> Result<(), ArchiveError> {
    for record in facts::select(connection, "kind = 'link'", [])? {
        if let Fact::Link(link) = &record.fact
            && (link.a == *name || link.b == *name)
        {
            connection.execute("DELETE FROM facts WHERE key = ?1", [record.key.0])?;
        }
    }
    Ok(())
}
