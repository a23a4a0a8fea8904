//! Counts of messages per span of time, in three levels: a small tree by which the n-th message
//! of a conversation, and the number of a date, are found without reading the rest.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use crate::ArchiveError;

/// Spans of 2^36, 2^30 and 2^24 ms: 2.2 years, 12.4 days, 4.7 hours; each 64 of the next.
pub(crate) const LEVELS: [u32; 3] = [36, 30, 24];

/// Entries held before they are written.
const FLUSH_AT: usize = 20_000;

/// Adds up counts in memory while rows stream in.
#[derive(Default)]
pub(crate) struct CountBuffer {
    pending: HashMap<(i64, u32, i64), i64>,
}

impl CountBuffer {
    /// Counts `n` messages (negative to take away) at `ms`.
    pub(crate) fn add(
        &mut self,
        connection: &Connection,
        conversation: i64,
        ms: i64,
        n: i64,
    ) -> Result<(), ArchiveError> {
        for level in LEVELS {
            *self.pending.entry((conversation, level, ms >> level)).or_default() += n;
        }
        if self.pending.len() >= FLUSH_AT {
            self.flush(connection)?;
        }
        Ok(())
    }

    /// Writes what is held.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<(), ArchiveError> {
        let mut add = connection.prepare_cached(
            "INSERT INTO message_counts (conversation_id, level, bucket, n) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ((conversation, level, bucket), n) in self.pending.drain() {
            if n != 0 {
                add.execute(params![conversation, level, bucket, n])?;
            }
        }
        Ok(())
    }
}
