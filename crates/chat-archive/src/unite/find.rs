//! Finds threads that may be the same chat as another.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::align::{Alignment, align};
use super::facts_of::{LinkState, evidence, join, link_between, put_link};
use super::load::{conversation_of, items};
use crate::ArchiveError;
use crate::facts::{Evidence, Link};
use crate::write::Writer;

/// Marks of a thread that are looked for elsewhere.
const PROBES: i64 = 400;
/// Threads with the most marks in common that are looked at closely.
const CANDIDATES: usize = 6;
/// A text that stands in more places than this tells nothing.
const MAX_PLACES: i64 = 64;

/// Looks for the chats of threads that an import changed: unites what is certainly the same, and
/// notes what may be.
pub(crate) fn propose(
    connection: &Connection,
    writer: &mut Writer,
    threads: &[i64],
    now: i64,
) -> Result<(), ArchiveError> {
    for thread in threads {
        let mut own = None;
        for candidate in candidates(connection, *thread)? {
            if conversation_of(connection, *thread)? == conversation_of(connection, candidate)? {
                continue;
            }
            match link_between(connection, *thread, candidate)? {
                Some(LinkState::Apart) => continue,
                Some(LinkState::Same | LinkState::Proposed) | None => {}
            }
            let own = match &own {
                Some(items) => items,
                None => own.insert(items(connection, *thread)?),
            };
            let found = align(&items(connection, candidate)?.items, &own.items);
            let certain = found.is_certain(same_title(connection, *thread, candidate)?);
            if certain || found.is_likely() {
                let state = if certain { LinkState::Same } else { LinkState::Proposed };
                note(connection, writer, (candidate, *thread), state, &found, now)?;
                if certain {
                    join(connection, candidate, *thread)?;
                }
            }
        }
        propose_by_title(connection, writer, *thread, now)?;
    }
    Ok(())
}

fn note(
    connection: &Connection,
    writer: &mut Writer,
    pair: (i64, i64),
    state: LinkState,
    found: &Alignment,
    now: i64,
) -> Result<(), ArchiveError> {
    let link = Link { state: state.as_str().into(), by_owner: false, evidence: evidence(found) };
    put_link(connection, writer, pair, link, now)
}

/// Chats of the same title without a message in common may be one or two: the owner knows.
fn propose_by_title(
    connection: &Connection,
    writer: &mut Writer,
    thread: i64,
    now: i64,
) -> Result<(), ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT b.id FROM conversations a JOIN conversations b ON b.source = a.source AND b.title = a.title
         WHERE a.id = ?1 AND b.id <> a.id AND a.source IN ('whatsapp', 'messenger')",
    )?;
    let others: Vec<i64> =
        statement.query_map([thread], |r| r.get(0))?.collect::<Result<_, _>>()?;
    for other in others {
        let apart = conversation_of(connection, thread)? != conversation_of(connection, other)?;
        if !apart || link_between(connection, thread, other)?.is_some() {
            continue;
        }
        let state =
            if goes_on(connection, thread, other)? { LinkState::Same } else { LinkState::Proposed };
        let link =
            Link { state: state.as_str().into(), by_owner: false, evidence: Evidence::default() };
        put_link(connection, writer, (other, thread), link, now)?;
        if state == LinkState::Same {
            join(connection, other, thread)?;
        }
    }
    Ok(())
}

/// Messenger goes on with a chat as a new one when it becomes encrypted end to end: the same
/// people, and the one thread begins when the other has ended.
fn goes_on(connection: &Connection, a: i64, b: i64) -> Result<bool, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM conversations x, conversations y WHERE x.id = ?1 AND y.id = ?2 AND x.source = 'messenger'
           AND (x.key LIKE 'e2ee:%') <> (y.key LIKE 'e2ee:%')
           AND NOT EXISTS (SELECT key FROM participants WHERE conversation_id = ?1
                EXCEPT SELECT key FROM participants WHERE conversation_id = ?2)
           AND NOT EXISTS (SELECT key FROM participants WHERE conversation_id = ?2
                EXCEPT SELECT key FROM participants WHERE conversation_id = ?1)",
    )?;
    Ok(statement.exists(params![a, b])?)
}

/// Threads of the same messenger that share texts with one, most first.
fn candidates(connection: &Connection, thread: i64) -> Result<Vec<i64>, ArchiveError> {
    let mut probes = connection.prepare_cached(
        "SELECT DISTINCT hash FROM marks WHERE thread_id = ?1 ORDER BY hash LIMIT ?2",
    )?;
    let hashes: Vec<i64> =
        probes.query_map([thread, PROBES], |r| r.get(0))?.collect::<Result<_, _>>()?;
    let mut votes: HashMap<i64, usize> = HashMap::new();
    let mut places = connection.prepare_cached(
        "SELECT DISTINCT m.thread_id FROM marks m JOIN conversations c ON c.id = m.thread_id
         WHERE m.hash = ?1 AND m.thread_id <> ?2
           AND c.source = (SELECT source FROM conversations WHERE id = ?2) LIMIT ?3",
    )?;
    for hash in hashes {
        for found in places.query_map([hash, thread, MAX_PLACES], |r| r.get(0))? {
            *votes.entry(found?).or_default() += 1;
        }
    }
    let mut ranked: Vec<(i64, usize)> = votes.into_iter().collect();
    ranked.sort_by_key(|(thread, n)| (std::cmp::Reverse(*n), *thread));
    Ok(ranked.into_iter().take(CANDIDATES).map(|(thread, _)| thread).collect())
}

fn same_title(connection: &Connection, a: i64, b: i64) -> Result<bool, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM conversations a, conversations b WHERE a.id = ?1 AND b.id = ?2 AND a.title = b.title",
    )?;
    Ok(statement.exists(params![a, b])?)
}
