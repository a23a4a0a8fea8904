//! Words that every other message has, or the first letters of words: a page of hits is full before
//! the newest few thousand messages are gone through. The index would first have to gather all hits
//! there are.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::filters::filters;
use super::phrase::Phrase;
use super::query::SearchQuery;
use super::snippet::matches_at;
use super::words::words;
use crate::write::{names_of, with_twins};
use crate::{Archive, ArchiveError};

/// Messages that are gone through: that takes about 20 ms. What fewer than one in eighty messages
/// has, the index finds in as little.
const GONE_THROUGH: i64 = 4_000;

/// A message with hidden copies counts as so many, if their words are needed.
const OF_TWINS: i64 = 5;

impl Archive {
    /// The newest hits from `query.offset` on, one more than `limit`, if the newest messages have
    /// that many.
    pub(super) fn recent(
        &self,
        query: &SearchQuery,
        phrases: &[Phrase],
        limit: usize,
    ) -> Result<Option<Vec<i64>>, ArchiveError> {
        let wanted = query.offset.saturating_add(limit).saturating_add(1);
        if wanted > GONE_THROUGH as usize {
            return Ok(None);
        }
        let (filters, values) = filters(query);
        let (within, mut all_values) = match query.conversation {
            Some(id) => ("conversation_id = ?", vec![Value::Integer(id.0)]),
            None => ("conversation_id IS NOT NULL", vec![]),
        };
        let sql = format!(
            "SELECT m.id, m.text, m.attachments, m.twins
             FROM (SELECT * FROM messages WHERE {within} ORDER BY ord DESC, tie DESC, id DESC LIMIT {GONE_THROUGH}) m
                LEFT JOIN participants p ON p.id = m.sender_id
             WHERE {filters} ORDER BY m.ord DESC, m.tie DESC, m.id DESC"
        );
        all_values.extend(values);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(all_values))?;
        let mut hits = Vec::new();
        let mut spent = 0;
        while let Some(row) = rows.next()?
            && hits.len() < wanted
            && spent < GONE_THROUGH
        {
            let (id, files, twins): (i64, i64, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
            let own = row.get_ref(1)?.as_str().unwrap_or_default();
            let names = if files > 0 { names_of(&self.connection, id)? } else { vec![] };
            let mut is_hit = has_all(own, names.iter().map(String::as_str), phrases);
            spent += 1;
            if !is_hit && twins > 0 {
                let record = with_twins(&self.connection, id)?;
                let names = record.attachments.iter().filter_map(|a| a.name.as_deref());
                is_hit = has_all(&record.text, names, phrases);
                spent += OF_TWINS;
            }
            if is_hit {
                hits.push(id);
            }
        }
        Ok((hits.len() >= wanted).then(|| hits.split_off(query.offset)))
    }
}

/// Whether a message with this text and files of these names has every phrase, as the index would
/// find it.
fn has_all<'a>(text: &str, names: impl Iterator<Item = &'a str>, phrases: &[Phrase]) -> bool {
    let mut all = words(text);
    for name in names {
        all.extend(words(name));
    }
    phrases.iter().all(|phrase| (0..all.len()).any(|at| matches_at(&all[at..], phrase)))
}
