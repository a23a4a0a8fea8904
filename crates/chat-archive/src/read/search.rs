//! Full-text search with filters. Whatever the person types is words, never query syntax.

use std::collections::HashMap;

use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::filters::filters;
use super::phrase::{Phrase, phrases};
use super::query::SearchQuery;
use super::snippet::{SnippetPart, snippet};
use super::words::index_word;
use crate::{Archive, ArchiveError, ConversationId, MessageId, Position, Timestamp};

/// Hits, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPage {
    /// The hits.
    pub hits: Vec<SearchHit>,
    /// Whether there are more after these.
    pub more: bool,
}

/// One hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchHit {
    /// The message.
    pub message: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The conversation's title.
    pub title: String,
    /// Who wrote it.
    pub sender: Option<String>,
    /// When.
    pub time: Timestamp,
    /// Its place in the conversation.
    pub position: Position,
    /// The text around the first match, cut into parts that match and parts that do not.
    pub snippet: Vec<SnippetPart>,
}

/// At most this many hits a page.
const MAX_HITS: usize = 1_000;

impl Archive {
    /// Searches. A query without words lists what its filters select.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchPage, ArchiveError> {
        let phrases = phrases(&query.text);
        if phrases.is_empty() && !query.text.trim().is_empty() {
            // Only signs: nothing to find is better than everything.
            return Ok(SearchPage { hits: Vec::new(), more: false });
        }
        let limit = query.limit.min(MAX_HITS);
        let (condition, values) = match phrases.is_empty() {
            true => condition(query, None, limit),
            false => match self.newest_hits(query, &phrases, limit)? {
                Some(page) => chosen(&page),
                None => condition(query, Some(match_expression(&phrases)), limit),
            },
        };
        let mut views = self.page(&condition, values)?;
        let more = views.len() > limit;
        views.truncate(limit);
        let mut hits = Vec::with_capacity(views.len());
        let mut titles: HashMap<ConversationId, String> = HashMap::new();
        for view in views {
            let title = match titles.get(&view.conversation) {
                Some(title) => String::clone(title),
                None => self.shown_title(view.conversation)?,
            };
            titles.insert(view.conversation, title.clone());
            hits.push(SearchHit {
                message: view.id,
                conversation: view.conversation,
                title,
                sender: view.sender.map(|p| p.name),
                time: view.record.time,
                position: view.position,
                snippet: snippet(&view.record.text, &phrases),
            });
        }
        Ok(SearchPage { hits, more })
    }
}

impl Archive {
    /// The newest hits, one more than `limit`; `None` if they are few enough to be sorted.
    fn newest_hits(
        &self,
        query: &SearchQuery,
        phrases: &[Phrase],
        limit: usize,
    ) -> Result<Option<Vec<i64>>, ArchiveError> {
        match self.recent(query, phrases, limit)? {
            Some(page) => Ok(Some(page)),
            None => self.common(query, &match_expression(phrases), limit),
        }
    }
}

/// Every word is quoted, so FTS5 sees no operators.
pub(super) fn match_expression(phrases: &[Phrase]) -> String {
    let quoted = phrases.iter().map(|p| {
        let star = if p.prefix { "*" } else { "" };
        let words: Vec<String> = p.words.iter().map(|w| index_word(w)).collect();
        format!("\"{}\"{star}", words.join(" "))
    });
    quoted.collect::<Vec<_>>().join(" AND ")
}

const NEWEST_FIRST: &str = "ORDER BY m.ord DESC, m.tie DESC, m.id DESC";

/// For hits that are few enough to be sorted, and for a query without words.
fn condition(query: &SearchQuery, words: Option<String>, limit: usize) -> (String, Vec<Value>) {
    let (mut sql, mut values) = filters(query);
    if let Some(expression) = words {
        sql.push_str(" AND m.id IN (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?)");
        values.push(expression.into());
    }
    values.push((limit as i64 + 1).into());
    values.push((query.offset as i64).into());
    // Only numbers are sorted; the messages themselves are read for the few that are shown.
    let chosen = format!(
        "m.id IN (SELECT m.id FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
                  WHERE {sql} {NEWEST_FIRST} LIMIT ? OFFSET ?) {NEWEST_FIRST}"
    );
    (chosen, values)
}

fn chosen(ids: &[i64]) -> (String, Vec<Value>) {
    let marks = vec!["?"; ids.len()].join(",");
    (format!("m.id IN ({marks}) {NEWEST_FIRST}"), ids.iter().map(|id| (*id).into()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_only_words() {
        let expression = match_expression(&phrases("foo OR bar* NEAR(x) -y \"a b\""));
        assert_eq!(expression, r#""foo" AND "or" AND "bar" AND "near x" AND "y" AND "a b""#);
    }

    #[test]
    fn the_word_being_typed_is_a_beginning() {
        assert_eq!(match_expression(&phrases("good mor")), r#""good" AND "mor"*"#);
        assert_eq!(match_expression(&phrases("good mor ")), r#""good" AND "mor""#);
    }
}
