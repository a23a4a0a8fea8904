//! Conversations and their people, into the database.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Place, Writer};
use crate::{ArchiveError, ConversationKind, ConversationRecord, Participant};

impl Writer {
    /// Finds or creates a thread; returns where its messages go and whether it is new. A known
    /// title is replaced only by one seen with newer messages.
    pub(crate) fn conversation(
        &mut self,
        connection: &Connection,
        record: &ConversationRecord,
    ) -> Result<(Place, bool), ArchiveError> {
        let known: Option<(i64, Option<i64>)> = connection
            .query_row(
                "SELECT id, shown_in FROM conversations WHERE source = ?1 AND key = ?2",
                params![record.source.as_str(), record.key],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
            .optional()?;
        if let Some((thread, shown_in)) = known {
            self.retitle(connection, thread, &record.title, record.title_as_of)?;
            if record.kind == ConversationKind::Group {
                self.mark_group(connection, thread)?;
            }
            return Ok((Place { thread, conversation: shown_in.unwrap_or(thread) }, false));
        }
        let seq = self.next_seq(None);
        connection.execute(
            "INSERT INTO conversations (source, key, title, title_as_of, kind, last_change)
             VALUES (?1,?2,?3,?4,?5,?6)",
            params![
                record.source.as_str(),
                record.key,
                record.title,
                record.title_as_of,
                record.kind.as_str(),
                seq
            ],
        )?;
        let thread = connection.last_insert_rowid();
        Ok((Place { thread, conversation: thread }, true))
    }

    /// Gives a thread a title seen when its newest message had time `as_of`.
    pub(crate) fn retitle(
        &mut self,
        connection: &Connection,
        thread: i64,
        title: &str,
        as_of: i64,
    ) -> Result<(), ArchiveError> {
        if title.is_empty() {
            return Ok(());
        }
        let changed = connection.execute(
            "UPDATE conversations SET title = ?2, title_as_of = ?3 WHERE id = ?1 AND title_as_of < ?3",
            params![thread, title, as_of],
        )?;
        self.touch_if(changed > 0, thread);
        Ok(())
    }

    /// A direct conversation that turns out to have more people becomes a group, never back.
    pub(crate) fn mark_group(
        &mut self,
        connection: &Connection,
        thread: i64,
    ) -> Result<(), ArchiveError> {
        let changed = connection.execute(
            "UPDATE conversations SET kind = 'group' WHERE id = ?1 AND kind <> 'group'",
            [thread],
        )?;
        self.touch_if(changed > 0, thread);
        Ok(())
    }

    /// Finds or creates a participant. What is known of them is completed, never replaced.
    pub(crate) fn participant(
        &mut self,
        connection: &Connection,
        thread: i64,
        person: &Participant,
    ) -> Result<i64, ArchiveError> {
        let cache_key = (thread, person.key.clone());
        if let Some(id) = self.participants.get(&cache_key) {
            return Ok(*id);
        }
        let id = match known_participant(connection, thread, &person.key)? {
            Some(known) => self.complete(connection, thread, known, person)?,
            None => {
                self.touch_if(true, thread);
                self.own_may_change(thread);
                self.names_may_change();
                connection.execute(
                    "INSERT INTO participants (conversation_id, key, name, told, own) VALUES (?1,?2,?3,?4,?4)",
                    params![thread, person.key, person.name, person.own],
                )?;
                connection.last_insert_rowid()
            }
        };
        self.participants.insert(cache_key, id);
        Ok(id)
    }

    fn complete(
        &mut self,
        connection: &Connection,
        thread: i64,
        known: KnownParticipant,
        person: &Participant,
    ) -> Result<i64, ArchiveError> {
        if known.name.is_empty() && !person.name.is_empty() {
            self.touch_if(true, thread);
            self.names_may_change();
            connection.execute(
                "UPDATE participants SET name = ?2 WHERE id = ?1",
                params![known.id, person.name],
            )?;
        }
        if known.told.is_none() && person.own.is_some() {
            self.touch_if(true, thread);
            self.own_may_change(thread);
            connection.execute(
                "UPDATE participants SET told = ?2 WHERE id = ?1",
                params![known.id, person.own],
            )?;
        }
        Ok(known.id)
    }

    fn touch_if(&mut self, changed: bool, thread: i64) {
        if changed {
            self.next_seq(Some(thread));
        }
    }
}

struct KnownParticipant {
    id: i64,
    name: String,
    told: Option<bool>,
}

fn known_participant(
    connection: &Connection,
    thread: i64,
    key: &str,
) -> Result<Option<KnownParticipant>, ArchiveError> {
    let known = connection
        .prepare_cached(
            "SELECT id, name, told FROM participants WHERE conversation_id = ?1 AND key = ?2",
        )?
        .query_row(params![thread, key], |r| {
            Ok(KnownParticipant { id: r.get(0)?, name: r.get(1)?, told: r.get(2)? })
        })
        .optional()?;
    Ok(known)
}
