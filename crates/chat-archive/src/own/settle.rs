//! Deciding who the owner is, from what is known.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::ArchiveError;
use crate::facts::{self, Fact, OwnHere};

/// A participant, as the decision needs it.
struct Person {
    id: i64,
    key: String,
    told: Option<bool>,
    own: Option<bool>,
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
