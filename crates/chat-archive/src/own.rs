//! Which participant is the owner of the archive: their messages stand on the right.
//!
//! In order: what the owner said of this conversation; what the source told; names and numbers
//! that the owner said are theirs anywhere in the messenger.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::facts::{self, Fact, FactRecord, OwnHere, OwnName};
use crate::write::Writer;
use crate::{Archive, ArchiveError, ConversationId, Source};

/// A participant, as the decision needs it.
struct Person {
    id: i64,
    key: String,
    told: Option<bool>,
    own: Option<bool>,
}

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

/// Threads in which a name appears are decided anew.
pub(crate) fn mark_threads_with(
    connection: &Connection,
    writer: &mut Writer,
    name: &OwnName,
) -> Result<(), ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT c.id FROM conversations c JOIN participants p ON p.conversation_id = c.id
         WHERE c.source = ?1 AND p.key = ?2",
    )?;
    let mut rows = statement.query(params![name.source.as_str(), name.key])?;
    while let Some(row) = rows.next()? {
        writer.own_may_change(row.get(0)?);
    }
    Ok(())
}

/// Decides anew who the owner is in a thread.
pub(crate) fn settle(connection: &Connection, thread: i64) -> Result<(), ArchiveError> {
    let people = people(connection, thread)?;
    let own = decide(&people, &choice(connection, thread)?, &own_keys(connection, thread)?);
    let mut update = connection.prepare_cached("UPDATE participants SET own = ?2 WHERE id = ?1")?;
    for (person, own) in people.iter().zip(own) {
        if person.own != own {
            update.execute(params![person.id, own])?;
        }
    }
    Ok(())
}

fn decide(
    people: &[Person],
    choice: &Option<OwnHere>,
    own_keys: &HashSet<String>,
) -> Vec<Option<bool>> {
    if let Some(OwnHere { participant }) = choice {
        return people.iter().map(|p| Some(participant.as_ref() == Some(&p.key))).collect();
    }
    if people.iter().any(|p| p.told == Some(true)) {
        return people.iter().map(|p| Some(p.told == Some(true))).collect();
    }
    let is_own = |p: &Person| own_keys.contains(&p.key) && p.told != Some(false);
    if people.iter().any(is_own) {
        return people.iter().map(|p| Some(is_own(p))).collect();
    }
    people.iter().map(|p| p.told).collect()
}

fn people(connection: &Connection, thread: i64) -> Result<Vec<Person>, ArchiveError> {
    let mut statement = connection
        .prepare_cached("SELECT id, key, told, own FROM participants WHERE conversation_id = ?1")?;
    let people = statement.query_map([thread], |r| {
        Ok(Person { id: r.get(0)?, key: r.get(1)?, told: r.get(2)?, own: r.get(3)? })
    })?;
    Ok(people.collect::<Result<_, _>>()?)
}

fn choice(connection: &Connection, thread: i64) -> Result<Option<OwnHere>, ArchiveError> {
    let found = facts::select(
        connection,
        "kind = 'own_here' AND thread_id = ?1 ORDER BY as_of DESC LIMIT 1",
        [thread],
    )?;
    Ok(found.into_iter().find_map(|record| match record.fact {
        Fact::OwnHere(here) => Some(here),
        _ => None,
    }))
}

/// Keys of participants of a thread that the owner said are theirs everywhere.
fn own_keys(connection: &Connection, thread: i64) -> Result<HashSet<String>, ArchiveError> {
    let source: String = connection
        .prepare_cached("SELECT source FROM conversations WHERE id = ?1")?
        .query_row([thread], |r| r.get(0))?;
    let found = facts::select(
        connection,
        "kind = 'own' AND thread_id IS NULL
         AND name IN (SELECT key FROM participants WHERE conversation_id = ?1)",
        [thread],
    )?;
    Ok(found
        .into_iter()
        .filter_map(|record| match record.fact {
            Fact::Own(name) if name.own && name.source.as_str() == source => Some(name.key),
            _ => None,
        })
        .collect())
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
        let source = crate::write::message_row::spelled(row, 1, Source::parse)?;
        let key: String = row.get(2)?;
        threads.push((row.get(0)?, source, thread_identity(source, &key)));
    }
    if threads.is_empty() {
        return Err(ArchiveError::NotFound("conversation"));
    }
    Ok(threads)
}

/// A thread's name across archives.
pub(crate) fn thread_identity(source: Source, key: &str) -> String {
    format!("{} {key}", source.as_str())
}

fn has_participant(connection: &Connection, thread: i64, key: &str) -> Result<bool, ArchiveError> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM participants WHERE conversation_id = ?1 AND key = ?2")?;
    Ok(statement.exists(params![thread, key])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(key: &str, told: Option<bool>) -> Person {
        Person { id: 0, key: key.into(), told, own: None }
    }

    fn keys(keys: &[&str]) -> HashSet<String> {
        keys.iter().map(|k| (*k).to_owned()).collect()
    }

    #[test]
    fn nobody_knows_until_somebody_says_so() {
        let people = [person("ada", None), person("bo", None)];
        assert_eq!(decide(&people, &None, &keys(&[])), [None, None]);
    }

    #[test]
    fn the_source_tells_unless_the_owner_says_otherwise() {
        let people = [person("ada", Some(true)), person("bo", None)];
        assert_eq!(decide(&people, &None, &keys(&["bo"])), [Some(true), Some(false)]);
        let bo = Some(OwnHere { participant: Some("bo".into()) });
        assert_eq!(decide(&people, &bo, &keys(&[])), [Some(false), Some(true)]);
        let none = Some(OwnHere { participant: None });
        assert_eq!(decide(&people, &none, &keys(&[])), [Some(false), Some(false)]);
    }

    #[test]
    fn a_name_said_once_is_known_in_the_next_chat() {
        let people = [person("ada", None), person("cy", None)];
        assert_eq!(decide(&people, &None, &keys(&["ada"])), [Some(true), Some(false)]);
        let other = [person("ada", Some(false)), person("cy", None)];
        assert_eq!(decide(&other, &None, &keys(&["ada"])), [Some(false), None]);
    }
}
