//! The part of a message that shows why it was found.

use serde::{Deserialize, Serialize};
use std::ops::Range;

use super::phrase::{Phrase, phrases};
use super::words::words;

/// A piece of a snippet. Show it as text: it is never markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnippetPart {
    /// The words.
    pub text: String,
    /// Whether they are what was searched.
    pub hit: bool,
}

/// Length of a snippet in characters, and how much of it comes before the first match.
const SNIPPET_CHARS: usize = 160;
const SNIPPET_LEAD: usize = 40;

/// The text around the first match, cut at matches.
pub(super) fn snippet(text: &str, phrases: &[Phrase]) -> Vec<SnippetPart> {
    let hits = matches(text, phrases);
    let first = hits.first().map_or(0, |r| r.start);
    let start = text[..first]
        .char_indices()
        .rev()
        .nth(SNIPPET_LEAD.saturating_sub(1))
        .map_or(0, |(i, _)| i);
    let end =
        text[start..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(i, _)| start + i);

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

/// Where a text has the words of a query, as byte ranges in order; none overlaps the next.
pub fn matches_in(text: &str, query: &str) -> Vec<Range<usize>> {
    let mut end = 0;
    let mut apart = matches(text, &phrases(query));
    apart.retain(|range| {
        range.start >= end && {
            end = range.end;
            true
        }
    });
    apart
}

/// Every place where a phrase stands, the longer first where two begin together.
fn matches(text: &str, phrases: &[Phrase]) -> Vec<Range<usize>> {
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
    hits
}

/// Whether the words of a text begin with a phrase.
pub(super) fn matches_at(rest: &[(Range<usize>, String)], phrase: &Phrase) -> bool {
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
    fn a_snippet_marks_every_match() {
        let parts = snippet("Caffè or café?", &phrases("cafe"));
        let marked: Vec<_> = parts.iter().map(|p| (p.text.as_str(), p.hit)).collect();
        assert_eq!(marked, [("Caffè or ", false), ("café", true), ("?", false)]);
    }

    #[test]
    fn places_of_words_do_not_overlap() {
        let text = "I know, I know that";
        let found: Vec<&str> =
            matches_in(text, "\"i know\" know").into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["I know", "I know"]);
        assert!(matches_in(text, " ").is_empty());
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
