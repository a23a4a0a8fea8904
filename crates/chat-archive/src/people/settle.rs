//! Writes the names that follow from the facts to the participants.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use super::groups::{self, Given, Names, Pairs};
use crate::facts::{self, Fact};
use crate::write::message_row::spelled;
use crate::{ArchiveError, Handle, Source};

/// Decides anew which name is shown for whom, in all chats.
pub(crate) fn settle(connection: &Connection) -> Result<(), ArchiveError> {
    let pairs = pairs(connection)?;
    let given = given(connection)?;
    let wanted = if pairs.is_empty() && given.is_empty() {
        BTreeMap::new()
    } else {
        names_to_show(&pairs, &given, &names(connection)?)
    };
    connection
        .prepare_cached("UPDATE participants SET shown = NULL WHERE shown IS NOT NULL")?
        .execute([])?;
    let mut show = connection.prepare_cached(
        "UPDATE participants SET shown = ?3 WHERE key = ?2
           AND conversation_id IN (SELECT id FROM conversations WHERE source = ?1)",
    )?;
    for (handle, name) in wanted {
        show.execute(params![handle.source.as_str(), handle.key, name])?;
    }
    Ok(())
}

fn names_to_show(pairs: &Pairs, given: &Given, names: &Names) -> BTreeMap<Handle, String> {
    let mut people = groups::groups(pairs);
    let joined: BTreeSet<&Handle> = people.iter().flatten().collect();
    let alone: Vec<Handle> =
        given.keys().filter(|handle| !joined.contains(handle)).cloned().collect();
    let mut wanted = BTreeMap::new();
    for handle in alone {
        let name = groups::given_name(&BTreeSet::from([handle.clone()]), given);
        wanted.extend(name.map(|name| (handle, name)));
    }
    for person in people.drain(..) {
        let name = groups::given_name(&person, given).or_else(|| groups::best_name(&person, names));
        if let Some(name) = name {
            wanted.extend(person.into_iter().map(|handle| (handle, name.clone())));
        }
    }
    wanted
}

/// Pairs that are one person as the owner says now.
pub(super) fn pairs(connection: &Connection) -> Result<Pairs, ArchiveError> {
    let found = facts::select(connection, "kind = 'same_person' AND thread_id IS NULL", [])?;
    let pairs = found.into_iter().filter_map(|record| match record.fact {
        Fact::SamePerson(pair) if pair.same => Some((pair.a, pair.b)),
        _ => None,
    });
    Ok(pairs.collect())
}

/// Names that the owner gave or took back.
pub(super) fn given(connection: &Connection) -> Result<Given, ArchiveError> {
    let found = facts::select(connection, "kind = 'person_name' AND thread_id IS NULL", [])?;
    let given = found.into_iter().filter_map(|record| match record.fact {
        Fact::PersonName(named) => Some((named.handle, (record.as_of, named.name))),
        _ => None,
    });
    Ok(given.collect())
}

/// What everybody is called in the exports, and in how many chats.
fn names(connection: &Connection) -> Result<Names, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT c.source, p.key, p.name, count(*) FROM participants p
         JOIN conversations c ON c.id = p.conversation_id GROUP BY c.source, p.key, p.name",
    )?;
    let mut rows = statement.query([])?;
    let mut names = Names::new();
    while let Some(row) = rows.next()? {
        let handle = Handle { source: spelled(row, 0, Source::parse)?, key: row.get(1)? };
        names.entry(handle).or_default().insert(row.get(2)?, row.get::<_, i64>(3)?.unsigned_abs());
    }
    Ok(names)
}
