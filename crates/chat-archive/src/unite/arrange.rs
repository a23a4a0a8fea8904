//! Works out what a conversation shows of its threads.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::align::{Alignment, align};
use super::item::Item;
use super::load::{ThreadItems, items, threads_of};
use crate::ArchiveError;
use crate::import_session::order::{STEP, sorting_ms};
use crate::write::{self, Writer};

/// A message that the conversation shows.
struct Shown {
    item: Item,
    shift: i64,
    twins: Vec<i64>,
}

/// Arranges a conversation anew: which copies are shown, in which order, by whose clock.
pub(super) fn arrange(
    connection: &Connection,
    writer: &mut Writer,
    conversation: i64,
) -> Result<(), ArchiveError> {
    let threads = threads_of(connection, conversation)?;
    let mut all = threads.iter().map(|t| items(connection, *t)).collect::<Result<Vec<_>, _>>()?;
    all.sort_by_key(|t| std::cmp::Reverse(rank(t)));
    let mut shown: Vec<Shown> = Vec::new();
    let mut people: HashMap<i64, i64> = HashMap::new();
    for thread in all {
        take_in(&mut shown, &mut people, thread);
    }
    write_people(connection, &threads, &people)?;
    write_shown(connection, writer, conversation, &shown)
}

/// Arranges the conversations in which threads that changed are shown together with others;
/// returns how many.
pub(crate) fn arrange_changed(
    connection: &Connection,
    writer: &mut Writer,
) -> Result<u64, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(c.shown_in, c.id) FROM conversations c WHERE c.id = ?1
           AND (c.shown_in IS NOT NULL OR EXISTS (SELECT 1 FROM conversations o WHERE o.shown_in = c.id))",
    )?;
    let mut conversations: Vec<i64> = Vec::new();
    for thread in writer.changed_threads() {
        conversations.extend(statement.query_row([thread], |r| r.get::<_, i64>(0)).optional()?);
    }
    conversations.sort_unstable();
    conversations.dedup();
    for conversation in &conversations {
        arrange(connection, writer, *conversation)?;
    }
    Ok(conversations.len() as u64)
}

/// The thread by whose clock the conversation is shown: one whose zone is known, else the one
/// with the newest message. More messages, then the older thread, where that is equal.
fn rank(thread: &ThreadItems) -> (bool, i64, usize, i64) {
    let newest = thread.items.iter().map(|i| i.ms).max().unwrap_or(i64::MIN);
    (thread.in_utc * 2 > thread.items.len(), newest, thread.items.len(), -thread.thread)
}

fn take_in(shown: &mut Vec<Shown>, people: &mut HashMap<i64, i64>, thread: ThreadItems) {
    let new = |item: Item, shift: i64| Shown { item, shift, twins: Vec::new() };
    if shown.is_empty() {
        shown.extend(thread.items.iter().map(|item| new(*item, 0)));
        return;
    }
    let known: Vec<Item> = shown
        .iter()
        .map(|s| Item {
            ms: s.item.ms + s.shift,
            sender: s.item.sender.map(|p| people.get(&p).copied().unwrap_or(p)),
            ..s.item
        })
        .collect();
    let found = align(&known, &thread.items);
    people.extend(found.people.iter().map(|(y, x)| (*y, *x)));
    merge(shown, &thread, &found);
}

/// Puts a thread's own messages between those that both have.
fn merge(shown: &mut Vec<Shown>, thread: &ThreadItems, found: &Alignment) {
    let main = found.shifts.first().copied().unwrap_or(0);
    let pair_of: HashMap<usize, usize> = found.pairs.iter().map(|(a, b)| (*b, *a)).collect();
    let mut insertions: Vec<(usize, Shown)> = Vec::new();
    let mut at = 0;
    let mut shift = main;
    for (b, item) in thread.items.iter().enumerate() {
        if let Some(a) = pair_of.get(&b).copied() {
            shown[a].twins.push(item.id);
            shift = shift_of(found, shown[a].item.ms + shown[a].shift - item.ms);
            at = at.max(a + 1);
            continue;
        }
        // Before the next message that is later, but never before the one above in its own export.
        while at < shown.len()
            && shown[at].item.ms + shown[at].shift <= item.ms + shift
            && !is_next_pair(&pair_of, b, at, thread)
        {
            at += 1;
        }
        insertions.push((at, Shown { item: *item, shift, twins: Vec::new() }));
    }
    insert_all(shown, insertions);
}

/// Whether the shown message at `at` is the next one that this thread has too.
fn is_next_pair(
    pair_of: &HashMap<usize, usize>,
    b: usize,
    at: usize,
    thread: &ThreadItems,
) -> bool {
    // A run without a partner is short as a rule; a long one is sorted by its clock alone.
    const LOOK_AHEAD: usize = 64;
    (b + 1..thread.items.len().min(b + LOOK_AHEAD)).find_map(|next| pair_of.get(&next)) == Some(&at)
}

fn shift_of(found: &Alignment, difference: i64) -> i64 {
    found.shifts.iter().copied().min_by_key(|shift| (difference - shift).abs()).unwrap_or(0)
}

fn insert_all(shown: &mut Vec<Shown>, insertions: Vec<(usize, Shown)>) {
    let mut merged = Vec::with_capacity(shown.len() + insertions.len());
    let mut insertions = insertions.into_iter().peekable();
    for (at, message) in std::mem::take(shown).into_iter().enumerate() {
        while insertions.peek().is_some_and(|(place, _)| *place <= at) {
            merged.extend(insertions.next().map(|(_, new)| new));
        }
        merged.push(message);
    }
    merged.extend(insertions.map(|(_, new)| new));
    *shown = merged;
}

fn write_people(
    connection: &Connection,
    threads: &[i64],
    people: &HashMap<i64, i64>,
) -> Result<(), ArchiveError> {
    for thread in threads {
        connection
            .prepare_cached(
                "UPDATE participants SET same_as = NULL WHERE conversation_id = ?1 AND same_as IS NOT NULL",
            )?
            .execute([thread])?;
    }
    let mut set =
        connection.prepare_cached("UPDATE participants SET same_as = ?2 WHERE id = ?1")?;
    for (other, lead) in people.iter().filter(|(a, b)| a != b) {
        set.execute([other, lead])?;
    }
    Ok(())
}

fn write_shown(
    connection: &Connection,
    writer: &mut Writer,
    conversation: i64,
    shown: &[Shown],
) -> Result<(), ArchiveError> {
    let before = state(connection, conversation)?;
    let mut last: Option<(i64, i64)> = None;
    let mut hidden: HashSet<i64> = HashSet::new();
    for message in shown {
        let ord = sorting_ms(last, message.item.ms + message.shift);
        let tie = last.filter(|l| l.0 == ord).map_or(0, |l| l.1 + STEP);
        last = Some((ord, tie));
        let row = Row {
            conversation: Some(conversation),
            twin_of: None,
            twins: message.twins.len() as i64,
            shift: message.shift,
            ord,
            tie,
        };
        write_row(connection, &before, message.item.id, row)?;
        for twin in &message.twins {
            hidden.insert(*twin);
            let row = Row {
                conversation: None,
                twin_of: Some(message.item.id),
                twins: 0,
                shift: 0,
                ord,
                tie,
            };
            write_row(connection, &before, *twin, row)?;
        }
        let was = before.get(&message.item.id);
        if !message.twins.is_empty()
            || was.is_some_and(|was| was.twins > 0 || was.conversation.is_none())
        {
            write::index_with_twins(connection, message.item.id, &message.twins)?;
        }
    }
    for id in hidden {
        write::forget_words(connection, id)?;
    }
    writer.recount(connection, conversation)
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Row {
    conversation: Option<i64>,
    twin_of: Option<i64>,
    twins: i64,
    shift: i64,
    ord: i64,
    tie: i64,
}

/// How the messages of a conversation's threads lie now.
fn state(connection: &Connection, conversation: i64) -> Result<HashMap<i64, Row>, ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, conversation_id, twin_of, twins, shift, ord, tie FROM messages
         WHERE thread_id IN (SELECT id FROM conversations WHERE id = ?1 OR shown_in = ?1)",
    )?;
    let rows = statement.query_map([conversation], |r| {
        let row = Row {
            conversation: r.get(1)?,
            twin_of: r.get(2)?,
            twins: r.get(3)?,
            shift: r.get(4)?,
            ord: r.get(5)?,
            tie: r.get(6)?,
        };
        Ok((r.get(0)?, row))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn write_row(
    connection: &Connection,
    before: &HashMap<i64, Row>,
    id: i64,
    row: Row,
) -> Result<(), ArchiveError> {
    let was = before.get(&id);
    if was == Some(&row) {
        return Ok(());
    }
    connection
        .prepare_cached(
            "UPDATE messages SET conversation_id = ?2, twin_of = ?3, twins = ?4, shift = ?5, ord = ?6, tie = ?7 WHERE id = ?1",
        )?
        .execute(params![
            id,
            row.conversation,
            row.twin_of,
            row.twins,
            row.shift,
            row.ord,
            row.tie
        ])?;
    if was.is_none_or(|was| was.conversation != row.conversation) {
        connection
            .prepare_cached("UPDATE attachments SET conversation_id = ?2 WHERE message_id = ?1")?
            .execute(params![id, row.conversation])?;
    }
    Ok(())
}
