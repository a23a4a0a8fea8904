//! Messages into the database, merged with what is known of them.

use rusqlite::{Connection, OptionalExtension, params};

use super::message_row::{COLUMN_COUNT, COLUMNS};
use super::words::index_words;
use super::{Outcome, Place, Writer, message_row};
use crate::unite::align::hash_words;
use crate::{ArchiveError, MessageKey, MessageRecord, Participant};

/// Texts of a thread that are all marked: short chats have no others.
const MARKED_FIRST: u32 = 200;

impl Writer {
    /// Inserts a message unless its key is known; then `None`.
    pub(crate) fn insert(
        &mut self,
        connection: &Connection,
        place: Place,
        sender: Option<i64>,
        record: &MessageRecord,
    ) -> Result<Option<i64>, ArchiveError> {
        let seq = self.change_seq + 1;
        let Some(id) = message_row::insert(connection, place, sender, record, seq)? else {
            return Ok(None);
        };
        self.next_seq(Some(place.thread));
        message_row::write_attachments(connection, Some(place.conversation), id, record)?;
        index_words(connection, id, record)?;
        self.count_and_mark(connection, place, id, record)?;
        Ok(Some(id))
    }

    /// Counts a message at its time, and marks it.
    pub(crate) fn count_and_mark(
        &mut self,
        connection: &Connection,
        place: Place,
        id: i64,
        record: &MessageRecord,
    ) -> Result<(), ArchiveError> {
        self.counts.add(connection, place.conversation, record.sorting_ms(), 1)?;
        self.mark(connection, place.thread, id, record)
    }

    /// Marks some texts, so that the same chat is found in another export: the first of a thread,
    /// and one in eight of the others, the same ones wherever they stand.
    fn mark(
        &mut self,
        connection: &Connection,
        thread: i64,
        id: i64,
        record: &MessageRecord,
    ) -> Result<(), ArchiveError> {
        if record.sender.is_none() || record.text.is_empty() {
            return Ok(());
        }
        let texts = self.texts.entry(thread).or_default();
        *texts = texts.saturating_add(1);
        let hash = hash_words(&record.text);
        if hash != 0 && (*texts <= MARKED_FIRST || hash.is_multiple_of(8)) {
            connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO marks (hash, message_id, thread_id) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![hash as i64, id, thread])?;
        }
        Ok(())
    }

    /// Merges `other` into a known message.
    pub(crate) fn merge(
        &mut self,
        connection: &Connection,
        place: Place,
        id: i64,
        other: &MessageRecord,
    ) -> Result<Outcome, ArchiveError> {
        let known = message_row::load(connection, id)?;
        let mut merged = known.clone();
        crate::merge::merge(&mut merged, other);
        if merged == known {
            return Ok(Outcome::Unchanged(id));
        }
        self.replace(connection, place, id, &known, &merged)?;
        Ok(Outcome::Updated(id))
    }

    /// Writes a known message in its new form.
    pub(crate) fn replace(
        &mut self,
        connection: &Connection,
        place: Place,
        id: i64,
        known: &MessageRecord,
        new: &MessageRecord,
    ) -> Result<(), ArchiveError> {
        let sender = self.sender_id(connection, place.thread, new)?;
        let seq = self.next_seq(Some(place.thread));
        message_row::update(connection, id, sender, new, seq)?;
        message_row::write_attachments(connection, Some(place.conversation), id, new)?;
        if new.sorting_ms() != known.sorting_ms() {
            self.counts.add(connection, place.conversation, known.sorting_ms(), -1)?;
            self.counts.add(connection, place.conversation, new.sorting_ms(), 1)?;
        }
        if new.text != known.text || new.attachments != known.attachments {
            connection
                .prepare_cached("DELETE FROM messages_fts WHERE rowid = ?1")?
                .execute([id])?;
            index_words(connection, id, new)?;
        }
        Ok(())
    }

    /// Puts a known message elsewhere in the order.
    pub(crate) fn move_to(
        &mut self,
        connection: &Connection,
        place: Place,
        id: i64,
        from_ms: i64,
        to: (i64, i64),
    ) -> Result<(), ArchiveError> {
        let seq = self.next_seq(Some(place.thread));
        connection
            .prepare_cached(
                "UPDATE messages SET ord = ?2, tie = ?3, change_seq = ?4 WHERE id = ?1",
            )?
            .execute(params![id, to.0, to.1, seq])?;
        if from_ms != to.0 {
            self.counts.add(connection, place.conversation, from_ms, -1)?;
            self.counts.add(connection, place.conversation, to.0, 1)?;
        }
        Ok(())
    }

    /// Counts a message as changed though its row stays as it is: its file was gone and is there
    /// again.
    pub(crate) fn mark_changed(
        &mut self,
        connection: &Connection,
        thread: i64,
        id: i64,
    ) -> Result<(), ArchiveError> {
        let seq = self.next_seq(Some(thread));
        connection
            .prepare_cached("UPDATE messages SET change_seq = ?2 WHERE id = ?1")?
            .execute(params![id, seq])?;
        Ok(())
    }

    /// The sender's participant id, creating a nameless participant if the record names one that
    /// its conversation does not.
    pub(crate) fn sender_id(
        &mut self,
        connection: &Connection,
        thread: i64,
        record: &MessageRecord,
    ) -> Result<Option<i64>, ArchiveError> {
        let Some(key) = &record.sender else { return Ok(None) };
        let person = Participant::new(key.as_str(), "");
        self.participant(connection, thread, &person).map(Some)
    }
}

/// The known message with this key.
pub(crate) fn find(
    connection: &Connection,
    thread: i64,
    key: &[u8; 20],
) -> Result<Option<i64>, ArchiveError> {
    Ok(connection
        .prepare_cached("SELECT id FROM messages WHERE thread_id = ?1 AND key = ?2")?
        .query_row(params![thread, key], |r| r.get(0))
        .optional()?)
}

/// Messages of a minute that their source does not number, in order.
pub(crate) fn unnumbered_in_minute(
    connection: &Connection,
    thread: i64,
    ms: i64,
) -> Result<Vec<(i64, MessageRecord)>, ArchiveError> {
    let (from, to) = MessageKey::of_minute(ms);
    let sql = format!(
        "SELECT {COLUMNS} FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
         WHERE m.thread_id = ?1 AND m.key BETWEEN ?2 AND ?3 AND m.source_id IS NULL
         ORDER BY m.ord, m.tie, m.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![thread, from.0, to.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(COLUMN_COUNT - 1)?, message_row::read(connection, row)?));
    }
    Ok(found)
}
