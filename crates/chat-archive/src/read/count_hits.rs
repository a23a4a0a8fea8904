//! How many messages a search finds.

use rusqlite::params_from_iter;

use super::filters::filters;
use super::phrase::phrases;
use super::query::SearchQuery;
use super::search::match_expression;
use crate::{Archive, ArchiveError};

impl Archive {
    /// How many hits there are, counted up to `most`; limit and offset of the query are ignored.
    pub fn count_hits(&self, query: &SearchQuery, most: u64) -> Result<u64, ArchiveError> {
        let phrases = phrases(&query.text);
        if phrases.is_empty() && !query.text.trim().is_empty() {
            return Ok(0);
        }
        let (filters, mut values) = filters(query);
        let words = if phrases.is_empty() {
            ""
        } else {
            values.push(match_expression(&phrases).into());
            "AND m.id IN (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?)"
        };
        values.push(i64::try_from(most).unwrap_or(i64::MAX).into());
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
             WHERE {filters} {words} LIMIT ?)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let n: i64 = statement.query_row(params_from_iter(values), |r| r.get(0))?;
        Ok(n.unsigned_abs())
    }
}
