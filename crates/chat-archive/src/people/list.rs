//! The people of the archive.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{groups, settle};
use crate::write::message_row::spelled;
use crate::{Archive, ArchiveError, Handle, Source};

/// Somebody, with all that they are known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name that is shown.
    pub name: String,
    /// The owner gave it.
    pub given: bool,
    /// This is the owner of the archive in at least one chat.
    pub own: bool,
    /// What they are known by; more than one where the owner said so.
    pub known_as: Vec<KnownAs>,
}

/// One thing that somebody is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAs {
    /// Messenger, and number, id or name there.
    pub handle: Handle,
    /// Names in the exports, that of the most chats first.
    pub names: Vec<String>,
    /// In how many chats.
    pub chats: u64,
}

#[derive(Default)]
struct Seen {
    names: BTreeMap<String, u64>,
    shown: Option<String>,
    own: bool,
    chats: u64,
}

impl Archive {
    /// Everybody in the archive, by name.
    pub fn people(&self) -> Result<Vec<Person>, ArchiveError> {
        let mut seen = self.seen()?;
        let given = settle::given(&self.connection)?;
        let mut people: Vec<Person> = Vec::new();
        for group in groups::groups(&settle::pairs(&self.connection)?) {
            let given = groups::given_name(&group, &given).is_some();
            let parts: Vec<_> =
                group.into_iter().filter_map(|h| seen.remove(&h).map(|s| (h, s))).collect();
            people.extend(person(parts, given));
        }
        for (handle, alone) in seen {
            let given = groups::given_name(&BTreeSet::from([handle.clone()]), &given).is_some();
            people.extend(person(vec![(handle, alone)], given));
        }
        people.sort_by_cached_key(|person| {
            (person.name.to_lowercase(), person.known_as[0].handle.clone())
        });
        Ok(people)
    }

    fn seen(&self) -> Result<BTreeMap<Handle, Seen>, ArchiveError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.source, p.key, p.name, count(*), max(p.own), max(p.shown) FROM participants p
             JOIN conversations c ON c.id = p.conversation_id GROUP BY c.source, p.key, p.name",
        )?;
        let mut rows = statement.query([])?;
        let mut all: BTreeMap<Handle, Seen> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let handle = Handle { source: spelled(row, 0, Source::parse)?, key: row.get(1)? };
            let chats = row.get::<_, i64>(3)?.unsigned_abs();
            let seen = all.entry(handle).or_default();
            seen.names.insert(row.get(2)?, chats);
            seen.chats += chats;
            seen.own |= row.get::<_, Option<bool>>(4)? == Some(true);
            seen.shown = row.get::<_, Option<String>>(5)?.or(seen.shown.take());
        }
        Ok(all)
    }
}

/// `None` for a person of whom nothing is here.
fn person(parts: Vec<(Handle, Seen)>, given: bool) -> Option<Person> {
    let first = parts.first()?;
    let name = first.1.shown.clone().unwrap_or_else(|| usual_name(first));
    let own = parts.iter().any(|(_, seen)| seen.own);
    let known_as = parts.into_iter().map(known_as).collect();
    Some(Person { name, given, own, known_as })
}

fn usual_name((handle, seen): &(Handle, Seen)) -> String {
    by_chats(seen).into_iter().next().unwrap_or_else(|| handle.key.clone())
}

fn known_as((handle, seen): (Handle, Seen)) -> KnownAs {
    let names = by_chats(&seen);
    KnownAs { handle, names, chats: seen.chats }
}

fn by_chats(seen: &Seen) -> Vec<String> {
    let mut names: Vec<(&String, &u64)> =
        seen.names.iter().filter(|(name, _)| !name.is_empty()).collect();
    names.sort_by_key(|(name, chats)| (std::cmp::Reverse(**chats), *name));
    names.into_iter().map(|(name, _)| name.clone()).collect()
}
