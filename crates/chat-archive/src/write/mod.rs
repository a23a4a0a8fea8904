//! Rows in, through one door: imports and merges both write through [`Writer`].

pub mod counts;
pub mod message_row;

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use self::counts::CountBuffer;
use crate::identity::MINUTE_MS;
use crate::read::words;
use crate::{ArchiveError, ConversationKind, ConversationRecord, Cursor, MessageRecord, Participant};

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not known before.
    New(i64),
    /// Known; something was added to it.
    Updated(i64),
    /// Known, nothing new.
    Unchanged(i64),
}

/// Writes within one transaction. Call [`Writer::finish`] before committing.
pub struct Writer {
    change_seq: i64,
    counts: CountBuffer,
    /// Participants by conversation and key, so that a sender costs no query per message.
    participants: HashMap<(i64, String), i64>,
    touched: HashSet<i64>,
}

impl Writer {
    /// `connection` must be in a write transaction.
    pub fn new(connection: &Connection) -> Result<Self, ArchiveError> {
        let change_seq = connection.query_row("SELECT value FROM meta WHERE name = 'change_seq'", [], |r| r.get(0))?;
        Ok(Self { change_seq, counts: CountBuffer::default(), participants: HashMap::new(), touched: HashSet::new() })
    }

    /// The newest change, this transaction's included.
    pub fn cursor(&self) -> Cursor {
        Cursor(self.change_seq.unsigned_abs())
    }

    /// Counts a message as changed though its row stays as it is: its file was gone and is there again.
    pub fn mark_changed(&mut self, connection: &Connection, conversation: i64, id: i64) -> Result<(), ArchiveError> {
        let seq = self.next_seq(conversation);
        connection.prepare_cached("UPDATE messages SET change_seq = ?2 WHERE id = ?1")?.execute(params![id, seq])?;
        Ok(())
    }

    fn next_seq(&mut self, conversation: i64) -> i64 {
        self.touched.insert(conversation);
        self.change_seq += 1;
        self.change_seq
    }

    /// Writes what was buffered: counts, change numbers.
    pub fn finish(&mut self, connection: &Connection) -> Result<(), ArchiveError> {
        self.counts.flush(connection)?;
        connection.execute("UPDATE meta SET value = ?1 WHERE name = 'change_seq'", [self.change_seq])?;
        for conversation in self.touched.drain() {
            connection.execute(
                "UPDATE conversations SET last_change = max(last_change,
                    coalesce((SELECT max(change_seq) FROM messages WHERE conversation_id = ?1), 0))
                 WHERE id = ?1",
                [conversation],
            )?;
        }
        Ok(())
    }

    /// Finds or creates a conversation; returns its id and whether it is new. A known title is
    /// replaced only by one seen with newer messages.
    pub fn conversation(
        &mut self,
        connection: &Connection,
        record: &ConversationRecord,
    ) -> Result<(i64, bool), ArchiveError> {
        let known: Option<i64> = connection
            .query_row(
                "SELECT id FROM conversations WHERE source = ?1 AND key = ?2",
                params![record.source.as_str(), record.key],
                |r| r.get(0),
            )
            .optional()?;
        if let Some(id) = known {
            self.retitle(connection, id, &record.title, record.title_as_of)?;
            if record.kind == ConversationKind::Group {
                self.mark_group(connection, id)?;
            }
            return Ok((id, false));
        }
        self.change_seq += 1;
        connection.execute(
            "INSERT INTO conversations (source, key, title, title_as_of, kind, last_change) VALUES (?1,?2,?3,?4,?5,?6)",
            params![
                record.source.as_str(),
                record.key,
                record.title,
                record.title_as_of,
                record.kind.as_str(),
                self.change_seq
            ],
        )?;
        Ok((connection.last_insert_rowid(), true))
    }

    /// Gives a conversation a title seen when its newest message had time `as_of`.
    pub fn retitle(&mut self, connection: &Connection, id: i64, title: &str, as_of: i64) -> Result<(), ArchiveError> {
        if title.is_empty() {
            return Ok(());
        }
        let changed = connection.execute(
            "UPDATE conversations SET title = ?2, title_as_of = ?3, last_change = ?4
             WHERE id = ?1 AND title_as_of < ?3",
            params![id, title, as_of, self.change_seq + 1],
        )?;
        self.change_seq += changed as i64;
        Ok(())
    }

    /// A direct conversation that turns out to have more people becomes a group, never back.
    pub fn mark_group(&mut self, connection: &Connection, id: i64) -> Result<(), ArchiveError> {
        let changed = connection.execute(
            "UPDATE conversations SET kind = 'group', last_change = ?2 WHERE id = ?1 AND kind <> 'group'",
            params![id, self.change_seq + 1],
        )?;
        self.change_seq += changed as i64;
        Ok(())
    }

    /// Finds or creates a participant; a later, non-empty name does not replace a known one.
    pub fn participant(
        &mut self,
        connection: &Connection,
        conversation: i64,
        person: &Participant,
    ) -> Result<i64, ArchiveError> {
        let cache_key = (conversation, person.key.clone());
        if let Some(id) = self.participants.get(&cache_key) {
            return Ok(*id);
        }
        let known: Option<(i64, String)> = connection
            .prepare_cached("SELECT id, name FROM participants WHERE conversation_id = ?1 AND key = ?2")?
            .query_row(params![conversation, person.key], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let id = match known {
            Some((id, name)) => {
                if name.is_empty() && !person.name.is_empty() {
                    self.touch(connection, conversation)?;
                    connection.execute("UPDATE participants SET name = ?2 WHERE id = ?1", params![id, person.name])?;
                }
                id
            }
            None => {
                self.touch(connection, conversation)?;
                connection.execute(
                    "INSERT INTO participants (conversation_id, key, name) VALUES (?1, ?2, ?3)",
                    params![conversation, person.key, person.name],
                )?;
                connection.last_insert_rowid()
            }
        };
        self.participants.insert(cache_key, id);
        Ok(id)
    }

    fn touch(&mut self, connection: &Connection, conversation: i64) -> Result<(), ArchiveError> {
        self.change_seq += 1;
        connection
            .prepare_cached("UPDATE conversations SET last_change = ?2 WHERE id = ?1")?
            .execute(params![conversation, self.change_seq])?;
        Ok(())
    }

    /// Inserts a message unless its key is known; then `None`.
    pub fn insert(
        &mut self,
        connection: &Connection,
        conversation: i64,
        sender: Option<i64>,
        record: &MessageRecord,
    ) -> Result<Option<i64>, ArchiveError> {
        let seq = self.change_seq + 1;
        let Some(id) = message_row::insert(connection, conversation, sender, record, seq)? else {
            return Ok(None);
        };
        self.next_seq(conversation);
        message_row::write_attachments(connection, conversation, id, record)?;
        self.counts.add(connection, conversation, record.time.ms, 1)?;
        index_words(connection, id, record)?;
        Ok(Some(id))
    }

    /// Merges `other` into a known message.
    pub fn merge(
        &mut self,
        connection: &Connection,
        conversation: i64,
        id: i64,
        other: &MessageRecord,
    ) -> Result<Outcome, ArchiveError> {
        let known = message_row::load(connection, id)?;
        let mut merged = known.clone();
        crate::merge::merge(&mut merged, other);
        if merged == known {
            return Ok(Outcome::Unchanged(id));
        }
        let sender = self.sender_id(connection, conversation, &merged)?;
        let seq = self.next_seq(conversation);
        message_row::update(connection, id, sender, &merged, seq)?;
        message_row::write_attachments(connection, conversation, id, &merged)?;
        if merged.time.ms != known.time.ms {
            self.counts.add(connection, conversation, known.time.ms, -1)?;
            self.counts.add(connection, conversation, merged.time.ms, 1)?;
        }
        if merged.text != known.text || merged.attachments != known.attachments {
            connection.prepare_cached("DELETE FROM messages_fts WHERE rowid = ?1")?.execute([id])?;
            index_words(connection, id, &merged)?;
        }
        Ok(Outcome::Updated(id))
    }

    /// The sender's participant id, creating a nameless participant if the record names one that
    /// its conversation does not.
    pub fn sender_id(
        &mut self,
        connection: &Connection,
        conversation: i64,
        record: &MessageRecord,
    ) -> Result<Option<i64>, ArchiveError> {
        let Some(key) = &record.sender else { return Ok(None) };
        let person = Participant { key: key.clone(), name: String::new() };
        self.participant(connection, conversation, &person).map(Some)
    }
}

/// The known message with this key.
pub fn find(connection: &Connection, conversation: i64, key: &[u8; 20]) -> Result<Option<i64>, ArchiveError> {
    Ok(connection
        .prepare_cached("SELECT id FROM messages WHERE conversation_id = ?1 AND key = ?2")?
        .query_row(params![conversation, key], |r| r.get(0))
        .optional()?)
}

/// Unnumbered media messages by the same sender in the same minute, in order.
pub fn media_in_minute(
    connection: &Connection,
    conversation: i64,
    record: &MessageRecord,
) -> Result<Vec<(i64, MessageRecord)>, ArchiveError> {
    let start = record.time.ms.div_euclid(MINUTE_MS).saturating_mul(MINUTE_MS);
    let ids: Vec<i64> = connection
        .prepare_cached(
            "SELECT m.id FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
             WHERE m.conversation_id = ?1 AND m.ts >= ?2 AND m.ts < ?3 AND m.kind = 'media'
               AND m.source_id IS NULL AND p.key IS ?4
             ORDER BY m.ts, m.tie, m.id",
        )?
        .query_map(params![conversation, start, start.saturating_add(MINUTE_MS), record.sender], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    ids.into_iter().map(|id| Ok((id, message_row::load(connection, id)?))).collect()
}

/// Full-text words: the text and the attachments' names.
fn index_words(connection: &Connection, id: i64, record: &MessageRecord) -> Result<(), ArchiveError> {
    let mut text = words::index_form(&record.text);
    for attachment in &record.attachments {
        if let Some(name) = &attachment.name {
            text.push(' ');
            text.push_str(&words::index_form(name));
        }
    }
    if !text.trim().is_empty() {
        connection
            .prepare_cached("INSERT INTO messages_fts (rowid, words) VALUES (?1, ?2)")?
            .execute(params![id, text])?;
    }
    Ok(())
}
