//! Rows in, through one door: imports and merges both write through [`Writer`].

mod conversation;
pub(crate) mod counts;
pub(crate) mod message_row;
mod messages;
mod words;

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use self::counts::CountBuffer;
pub(crate) use self::message_row::Place;
pub(crate) use self::messages::{find, unnumbered_in_minute};
pub(crate) use self::words::{
    Growth, forget_words, index_all, index_with_twins, names_of, set_growth, with_twins,
};
use crate::{ArchiveError, Cursor, own, people};

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Not known before.
    New(i64),
    /// Known; something was added to it.
    Updated(i64),
    /// Known, nothing new.
    Unchanged(i64),
}

/// Writes within one transaction. Call [`Writer::finish`] before committing.
pub(crate) struct Writer {
    change_seq: i64,
    counts: CountBuffer,
    /// Participants by thread and key, so that a sender costs no query per message.
    participants: HashMap<(i64, String), i64>,
    /// The newest change of each thread that changed.
    touched: HashMap<i64, i64>,
    /// How many texts of each thread this transaction saw, for its marks.
    texts: HashMap<i64, u32>,
    /// Threads in which it has to be decided anew who the owner is.
    unsettled: HashSet<i64>,
    /// It has to be decided anew which name is shown for whom.
    names_unsettled: bool,
}

impl Writer {
    /// `connection` must be in a write transaction.
    pub(crate) fn new(connection: &Connection) -> Result<Self, ArchiveError> {
        let change_seq =
            connection
                .query_row("SELECT value FROM meta WHERE name = 'change_seq'", [], |r| r.get(0))?;
        Ok(Self {
            change_seq,
            counts: CountBuffer::default(),
            participants: HashMap::new(),
            touched: HashMap::new(),
            unsettled: HashSet::new(),
            names_unsettled: false,
            texts: HashMap::new(),
        })
    }

    /// The newest change, this transaction's included.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor(self.change_seq.unsigned_abs())
    }

    /// Numbers a change of a thread, or of what belongs to none.
    pub(crate) fn next_seq(&mut self, thread: Option<i64>) -> i64 {
        self.change_seq += 1;
        if let Some(thread) = thread {
            self.touched.insert(thread, self.change_seq);
        }
        self.change_seq
    }

    /// Threads that changed in this transaction.
    pub(crate) fn changed_threads(&self) -> Vec<i64> {
        let mut threads: Vec<i64> = self.touched.keys().copied().collect();
        threads.sort_unstable();
        threads
    }

    /// Counts a conversation's messages by time anew.
    pub(crate) fn recount(
        &mut self,
        connection: &Connection,
        conversation: i64,
    ) -> Result<(), ArchiveError> {
        self.counts.flush(connection)?;
        connection
            .execute("DELETE FROM message_counts WHERE conversation_id = ?1", [conversation])?;
        let mut statement =
            connection.prepare_cached("SELECT ord FROM messages WHERE conversation_id = ?1")?;
        let mut rows = statement.query([conversation])?;
        while let Some(row) = rows.next()? {
            self.counts.add(connection, conversation, row.get(0)?, 1)?;
        }
        self.counts.flush(connection)
    }

    /// Counts on deciding anew, at the end, who the owner is in a thread.
    pub(crate) fn own_may_change(&mut self, thread: i64) {
        self.unsettled.insert(thread);
    }

    /// Counts on deciding anew, at the end, which name is shown for whom.
    pub(crate) fn names_may_change(&mut self) {
        self.names_unsettled = true;
    }

    /// Writes what was buffered: counts, who the owner is, names, change numbers.
    pub(crate) fn finish(&mut self, connection: &Connection) -> Result<(), ArchiveError> {
        self.counts.flush(connection)?;
        for thread in self.unsettled.drain() {
            own::settle(connection, thread)?;
        }
        if std::mem::take(&mut self.names_unsettled) {
            people::settle(connection)?;
        }
        connection
            .execute("UPDATE meta SET value = ?1 WHERE name = 'change_seq'", [self.change_seq])?;
        let mut mark = connection.prepare_cached(
            "UPDATE conversations SET last_change = max(last_change, ?2) WHERE id = ?1",
        )?;
        for (thread, seq) in self.touched.drain() {
            mark.execute([thread, seq])?;
        }
        Ok(())
    }
}
