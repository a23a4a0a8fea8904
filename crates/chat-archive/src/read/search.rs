//! Full-text search with filters. Whatever the person types is words, never query syntax.

use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::words::words;
use crate::{Archive, ArchiveError, ConversationId, MessageId, Position, Timestamp};

/// What to look for. All conditions must hold; empty ones are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchQuery {
    /// Words; `"quoted words"` must stand together; the last word may be the beginning of one.
    pub text: String,
    /// Only in this conversation.
    pub conversation: Option<ConversationId>,
    /// Only from this person: a participant's key, or part of a name in any case.
    pub sender: Option<String>,
    /// Not before, ms.
    pub from_ms: Option<i64>,
    /// Before, ms.
    pub to_ms: Option<i64>,
    /// Only with files.
    pub has_media: bool,
    /// At most this many hits (1,000 at most).
    pub limit: usize,
    /// Skip this many.
    pub offset: usize,
}

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

/// A piece of a snippet. Show it as text: it is never markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnippetPart {
    /// The words.
    pub text: String,
    /// Whether they are what was searched.
    pub hit: bool,
}

/// At most this many hits a page.
const MAX_HITS: usize = 1_000;
/// Words of a query beyond this many are ignored: nobody types more, and each costs a lookup.
const MAX_QUERY_WORDS: usize = 32;
/// Length of a snippet in characters, and how much of it comes before the first match.
const SNIPPET_CHARS: usize = 160;
const SNIPPET_LEAD: usize = 40;

impl Archive {
    /// Searches. A query without words lists what its filters select.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchPage, ArchiveError> {
        let phrases = phrases(&query.text);
        if phrases.is_empty() && !query.text.trim().is_empty() {
            // Only signs: nothing to find is better than everything.
            return Ok(SearchPage { hits: Vec::new(), more: false });
        }
        let limit = query.limit.min(MAX_HITS);
        let (condition, values) = condition(query, &phrases, limit);
        let mut views = self.page(&condition, values)?;
        let more = views.len() > limit;
        views.truncate(limit);
        let mut hits = Vec::with_capacity(views.len());
        for view in views {
            let title = self
                .connection
                .prepare_cached("SELECT title FROM conversations WHERE id = ?1")?
                .query_row([view.conversation.0], |r| r.get(0))?;
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

/// Words that stand together; `prefix` if the last may go on.
#[derive(Debug, PartialEq, Eq)]
struct Phrase {
    words: Vec<String>,
    prefix: bool,
}

fn phrases(text: &str) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    let mut left = MAX_QUERY_WORDS;
    for (n, part) in text.split('"').enumerate() {
        let quoted = n % 2 == 1;
        let pieces: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
        for piece in pieces {
            // What the index would split stays together: "don't" is the phrase don + t.
            let words: Vec<String> = words(piece).into_iter().map(|(_, w)| w).take(left).collect();
            left -= words.len();
            if !words.is_empty() {
                phrases.push(Phrase { words, prefix: false });
            }
        }
    }
    let typing = !text.ends_with(['"', ' ']);
    if let Some(last) = phrases.last_mut().filter(|_| typing) {
        last.prefix = true;
    }
    phrases
}

/// Every word is quoted, so FTS5 sees no operators.
fn match_expression(phrases: &[Phrase]) -> String {
    let quoted = phrases.iter().map(|p| {
        let star = if p.prefix { "*" } else { "" };
        format!("\"{}\"{star}", p.words.join(" ").replace('"', ""))
    });
    quoted.collect::<Vec<_>>().join(" AND ")
}

fn condition(query: &SearchQuery, phrases: &[Phrase], limit: usize) -> (String, Vec<Value>) {
    let mut sql = String::from("1");
    let mut values: Vec<Value> = Vec::new();
    let mut and = |clause: &str, new: &[Value]| {
        sql.push_str(" AND ");
        sql.push_str(clause);
        values.extend_from_slice(new);
    };
    if !phrases.is_empty() {
        let expression = match_expression(phrases);
        and("m.id IN (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?)", &[expression.into()]);
    }
    if let Some(conversation) = query.conversation {
        and("m.conversation_id = ?", &[conversation.0.into()]);
    }
    if let Some(sender) = query.sender.as_ref().filter(|s| !s.is_empty()) {
        and("(p.key = ? OR instr(lower(p.name), lower(?)))", &[sender.clone().into(), sender.clone().into()]);
    }
    if let Some(ms) = query.from_ms {
        and("m.ts >= ?", &[ms.into()]);
    }
    if let Some(ms) = query.to_ms {
        and("m.ts < ?", &[ms.into()]);
    }
    if query.has_media {
        and("m.attachments > 0", &[]);
    }
    values.push((limit as i64 + 1).into());
    values.push((query.offset as i64).into());
    // Only numbers are sorted; the messages themselves are read for the few that are shown.
    const NEWEST_FIRST: &str = "ORDER BY m.ord DESC, m.tie DESC, m.id DESC";
    let chosen = format!(
        "m.id IN (SELECT m.id FROM messages m LEFT JOIN participants p ON p.id = m.sender_id
                  WHERE {sql} {NEWEST_FIRST} LIMIT ? OFFSET ?) {NEWEST_FIRST}"
    );
    (chosen, values)
}

/// The text around the first match, cut at matches.
fn snippet(text: &str, phrases: &[Phrase]) -> Vec<SnippetPart> {
    let all = words(text);
    let mut hits = Vec::new();
    for at in 0..all.len() {
        for phrase in phrases {
            if matches_at(&all[at..], phrase) {
                hits.push(all[at].0.start..all[at + phrase.words.len() - 1].0.end);
            }
        }
    }
    hits.sort_by_key(|r| (r.start, std::cmp::Reverse(r.end)));
    let first = hits.first().map_or(0, |r| r.start);
    let start = text[..first].char_indices().rev().nth(SNIPPET_LEAD.saturating_sub(1)).map_or(0, |(i, _)| i);
    let end = text[start..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(i, _)| start + i);

    let mut parts = Vec::new();
    let mut push = |piece: &str, hit: bool| {
        if !piece.is_empty() {
            parts.push(SnippetPart { text: piece.to_owned(), hit });
        }
    };
    push(if start > 0 { "…" } else { "" }, false);
    let mut at = start;
    for hit in hits {
        let (from, to) = (hit.start.max(at), hit.end.min(end));
        if from < to {
            push(&text[at..from], false);
            push(&text[from..to], true);
            at = to;
        }
    }
    push(&text[at..end], false);
    push(if end < text.len() { "…" } else { "" }, false);
    parts
}

fn matches_at(rest: &[(std::ops::Range<usize>, String)], phrase: &Phrase) -> bool {
    let last = phrase.words.len() - 1;
    rest.len() > last
        && phrase.words.iter().enumerate().all(|(n, word)| {
            let found = &rest[n].1;
            found == word || (n == last && phrase.prefix && found.starts_with(word.as_str()))
        })
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

    #[test]
    fn a_snippet_marks_every_match() {
        let parts = snippet("Caffè or café?", &phrases("cafe"));
        let marked: Vec<_> = parts.iter().map(|p| (p.text.as_str(), p.hit)).collect();
        assert_eq!(marked, [("Caffè or ", false), ("café", true), ("?", false)]);
    }

    #[test]
    fn a_long_text_is_cut_around_the_match() {
        let text = format!("{} needle {}", "hay ".repeat(500), "hay ".repeat(500));
        let parts = snippet(&text, &phrases("needle"));
        assert_eq!(parts.first().unwrap().text, "…");
        assert!(parts.iter().any(|p| p.hit && p.text == "needle"));
        assert!(parts.iter().map(|p| p.text.chars().count()).sum::<usize>() <= SNIPPET_CHARS + 2);
    }
}
