//! What the owner says of themselves.

use rusqlite::{Connection, params};

use crate::facts::{self, Fact, FactRecord, OwnHere, OwnName};
use crate::identity::thread_identity;
use crate::write::Writer;
use crate::write::message_row::spelled;
use crate::{Archive, ArchiveError, ConversationId, Source};

impl Archive {
    /// The owner says which participant of a conversation they are; `None`: none of them. With
    /// `everywhere`, the same name or number is theirs in other chats of the messenger as well.
    /// `now` is Unix ms: a later answer replaces an earlier one, in other archives too.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`] for an unknown conversation or participant.
    pub fn set_own(
        &mut self,
        id: ConversationId,
        participant: Option<&str>,
        everywhere: bool,
        now: i64,
    ) -> Result<(), ArchiveError> {
        let tx = self.connection.transaction()?;
        let mut writer = Writer::new(&tx)?;
        let threads = threads_shown_in(&tx, id.0)?;
        let mut found = participant.is_none();
        for (thread, source, identity) in threads {
            let here = match participant {
                Some(key) if !has_participant(&tx, thread, key)? => continue,
                other => OwnHere { participant: other.map(str::to_owned) },
            };
            found = true;
            let key = facts::own_here_key(&identity);
            let record = FactRecord { key, as_of: now, fact: Fact::OwnHere(here) };
            facts::put_word_of_owner(&tx, &mut writer, Some(thread), record)?;
            if let Some(key) = participant.filter(|_| everywhere) {
                let name = OwnName { source, key: key.to_owned(), own: true };
                put_own_name(&tx, &mut writer, name, now)?;
            }
        }
        if !found {
            return Err(ArchiveError::NotFound("participant"));
        }
        writer.finish(&tx)?;
        tx.commit()?;
        Ok(())
    }

    /// The owner takes back that a name or number is theirs everywhere.
    pub fn forget_own_name(
        &mut self,
        source: Source,
        key: &str,
        now: i64,
    ) -> Result<(), ArchiveError> {
        let tx = self.connection.transaction()?;
        let mut writer = Writer::new(&tx)?;
        let name = OwnName { source, key: key.to_owned(), own: false };
        put_own_name(&tx, &mut writer, name, now)?;
        writer.finish(&tx)?;
        tx.commit()?;
        Ok(())
    }
}

fn put_own_name(
    connection: &Connection,
    writer: &mut Writer,
    name: OwnName,
    now: i64,
) -> Result<(), ArchiveError> {
    let record = FactRecord { key: facts::own_key(&name), as_of: now, fact: Fact::Own(name) };
    facts::put_word_of_owner(connection, writer, None, record)
}

/// Threads that a conversation shows: number, messenger, identity.
fn threads_shown_in(
    connection: &Connection,
    conversation: i64,
) -> Result<Vec<(i64, Source, String)>, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, source, key FROM conversations WHERE id = ?1 OR shown_in = ?1",
    )?;
    let mut rows = statement.query([conversation])?;
    let mut threads = Vec::new();
    while let Some(row) = rows.next()? {
        let source = spelled(row, 1, Source::parse)?;
        let key: String = row.get(2)?;
        threads.push((row.get(0)?, source, thread_identity(source, &key)));
    }
    if threads.is_empty() {
        return Err(ArchiveError::NotFound("conversation"));
    }
    Ok(threads)
}

fn has_participant(connection: &Connection, thread: i64, key: &str) -> Result<bool, ArchiveError> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM participants WHERE conversation_id = ?1 AND key = ?2")?;
    Ok(statement.exists(params![thread, key])?)
}
