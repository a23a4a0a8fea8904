//! Words that very many messages have: the newest messages are gone through until a page is full,
//! and nothing is sorted.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::filters::filters;
use super::query::SearchQuery;
use crate::{Archive, ArchiveError};

/// Hits that are sorted at once: that takes about as long as to go through the messages of two
/// pages.
const FEW: usize = 1_000;

/// Message numbers above it are in no page of hits: 2^31 of them would be 256 MiB here.
const MAX_NUMBER: usize = 1 << 31;

/// Message numbers, a bit each: 125 KB for a million messages.
#[derive(Default)]
struct Numbers(Vec<u64>);

impl Numbers {
    fn insert(&mut self, id: i64) {
        let Some(id) = usize::try_from(id).ok().filter(|id| *id < MAX_NUMBER) else { return };
        if id / 64 >= self.0.len() {
            self.0.resize(id / 64 + 1, 0);
        }
        self.0[id / 64] |= 1 << (id % 64);
    }

    fn contains(&self, id: i64) -> bool {
        usize::try_from(id)
            .is_ok_and(|id| self.0.get(id / 64).is_some_and(|bits| bits & (1 << (id % 64)) != 0))
    }
}

impl Archive {
    /// The newest hits from `query.offset` on, one more than `limit`; `None` if there are few hits.
    pub(super) fn common(
        &self,
        query: &SearchQuery,
        expression: &str,
        limit: usize,
    ) -> Result<Option<Vec<i64>>, ArchiveError> {
        let sql = "SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([expression])?;
        let mut hits = Numbers::default();
        let mut count = 0;
        while let Some(row) = rows.next()? {
            hits.insert(row.get(0)?);
            count += 1;
        }
        if count <= FEW { Ok(None) } else { self.newest_of(query, &hits, limit).map(Some) }
    }

    fn newest_of(
        &self,
        query: &SearchQuery,
        hits: &Numbers,
        limit: usize,
    ) -> Result<Vec<i64>, ArchiveError> {
        let (filters, values) = filters(query);
        let fits = format!(
            "SELECT 1 FROM messages m LEFT JOIN participants p ON p.id = m.sender_id WHERE {filters} AND m.id = ?"
        );
        let mut fits = self.connection.prepare_cached(&fits)?;
        let (within, conversation) = match query.conversation {
            Some(id) => ("conversation_id = ?1", vec![Value::Integer(id.0)]),
            None => ("conversation_id IS NOT NULL", vec![]),
        };
        let newest =
            format!("SELECT id FROM messages WHERE {within} ORDER BY ord DESC, tie DESC, id DESC");
        let mut newest = self.connection.prepare_cached(&newest)?;
        let mut rows = newest.query(params_from_iter(conversation))?;
        let mut skipped = 0;
        let mut page = Vec::new();
        while let Some(row) = rows.next()?
            && page.len() <= limit
        {
            let id: i64 = row.get(0)?;
            if !hits.contains(id)
                || !fits.exists(params_from_iter(values.iter().chain([&Value::Integer(id)])))?
            {
                continue;
            }
            if skipped < query.offset {
                skipped += 1;
            } else {
                page.push(id);
            }
        }
        Ok(page)
    }
}
