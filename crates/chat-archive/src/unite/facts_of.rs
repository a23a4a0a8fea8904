//! Which threads are one chat, as facts.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, params};

use super::align::Alignment;
use crate::facts::{self, Evidence, Fact, FactRecord, Link, LinkRecord, ThreadName};
use crate::unite::load::{conversation_of, threads_of};
use crate::write::Writer;
use crate::{ArchiveError, Source};

/// What is known of two threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkState {
    /// They are the same chat.
    Same,
    /// They may be; the owner was not asked yet.
    Proposed,
    /// The owner says that they are two.
    Apart,
}

impl LinkState {
    /// The stable spelling.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Proposed => "proposed",
            Self::Apart => "apart",
        }
    }

    /// Reads the stable spelling; anything else is nothing decided.
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "same" => Self::Same,
            "apart" => Self::Apart,
            _ => Self::Proposed,
        }
    }
}

/// What two threads have in common, for people.
pub(super) fn evidence(found: &Alignment) -> Evidence {
    Evidence {
        same: found.pairs.len() as u64,
        of: found.comparable.0.min(found.comparable.1) as u64,
        shift_minutes: found.shifts.first().map_or(0, |shift| shift / 60_000),
    }
}

/// Notes what is known of two threads.
pub(super) fn put_link(
    connection: &Connection,
    writer: &mut Writer,
    pair: (i64, i64),
    link: Link,
    now: i64,
) -> Result<(), ArchiveError> {
    let mut names = [name_of(connection, pair.0)?, name_of(connection, pair.1)?];
    names.sort();
    let [a, b] = names;
    let key = facts::link_key(&a, &b);
    let by_owner = link.by_owner;
    let record = FactRecord { key, as_of: now, fact: Fact::Link(LinkRecord { a, b, link }) };
    if by_owner {
        return facts::put_word_of_owner(connection, writer, None, record);
    }
    facts::put(connection, writer, None, &record)?;
    Ok(())
}

/// What is known of two threads, if anything.
pub(super) fn link_between(
    connection: &Connection,
    a: i64,
    b: i64,
) -> Result<Option<LinkState>, ArchiveError> {
    let mut names = [name_of(connection, a)?, name_of(connection, b)?];
    names.sort();
    let key = facts::link_key(&names[0], &names[1]);
    let found = facts::select(connection, "key = ?1", [key.0])?;
    Ok(found.into_iter().find_map(|record| match record.fact {
        Fact::Link(record) => Some(LinkState::parse(&record.link.state)),
        _ => None,
    }))
}

/// Brings the threads of two conversations into the older one; returns it. What it shows has to be
/// arranged.
pub(super) fn join(connection: &Connection, a: i64, b: i64) -> Result<i64, ArchiveError> {
    let (a, b) = (conversation_of(connection, a)?, conversation_of(connection, b)?);
    let (into, from) = (a.min(b), a.max(b));
    if into != from {
        for thread in threads_of(connection, from)? {
            connection
                .execute("UPDATE conversations SET shown_in = ?2 WHERE id = ?1", [thread, into])?;
        }
        connection.execute("DELETE FROM message_counts WHERE conversation_id = ?1", [from])?;
    }
    Ok(into)
}

/// Groups threads as the facts say; returns the conversations that have to be arranged anew.
pub(super) fn apply_links(connection: &Connection) -> Result<BTreeSet<i64>, ArchiveError> {
    let groups = groups(connection)?;
    let mut changed = BTreeSet::new();
    let mut statement = connection.prepare_cached("SELECT id, shown_in FROM conversations")?;
    let now: Vec<(i64, Option<i64>)> =
        statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?;
    for (thread, shown_in) in now {
        let wanted = groups.get(&thread).copied().filter(|root| *root != thread);
        if wanted != shown_in {
            connection.execute(
                "UPDATE conversations SET shown_in = ?2 WHERE id = ?1",
                params![thread, wanted],
            )?;
            connection
                .execute("DELETE FROM message_counts WHERE conversation_id = ?1", [thread])?;
            changed.insert(wanted.unwrap_or(thread));
            changed.extend(shown_in);
        }
    }
    Ok(changed)
}

/// The oldest thread of each thread's group.
fn groups(connection: &Connection) -> Result<HashMap<i64, i64>, ArchiveError> {
    let mut root: HashMap<i64, i64> = HashMap::new();
    for record in facts::select(connection, "kind = 'link' ORDER BY change_seq", [])? {
        let Fact::Link(link) = record.fact else { continue };
        if LinkState::parse(&link.link.state) != LinkState::Same {
            continue;
        }
        let (Some(a), Some(b)) =
            (thread_named(connection, &link.a)?, thread_named(connection, &link.b)?)
        else {
            continue;
        };
        let (a, b) = (find_root(&root, a), find_root(&root, b));
        root.insert(a.max(b), a.min(b));
    }
    let all: Vec<i64> = root.keys().copied().collect();
    Ok(all.into_iter().map(|thread| (thread, find_root(&root, thread))).collect())
}

fn find_root(root: &HashMap<i64, i64>, mut thread: i64) -> i64 {
    while let Some(above) = root.get(&thread).copied().filter(|above| *above != thread) {
        thread = above;
    }
    thread
}

fn name_of(connection: &Connection, thread: i64) -> Result<ThreadName, ArchiveError> {
    let (source, key): (String, String) = connection
        .prepare_cached("SELECT source, key FROM conversations WHERE id = ?1")?
        .query_row([thread], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let source = Source::parse(&source)
        .ok_or_else(|| ArchiveError::Corrupt("an unknown messenger".into()))?;
    Ok(ThreadName { source, key })
}

pub(super) fn thread_named(
    connection: &Connection,
    name: &ThreadName,
) -> Result<Option<i64>, ArchiveError> {
    Ok(connection
        .prepare_cached("SELECT id FROM conversations WHERE source = ?1 AND key = ?2")?
        .query_row(params![name.source.as_str(), name.key], |r| r.get(0))
        .optional()?)
}
