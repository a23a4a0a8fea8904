//! The part of a message that shows why it was found.

use serde::{Deserialize, Serialize};

use super::phrase::Phrase;
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

/// Whether the words of a text begin with a phrase.
pub(super) fn matches_at(rest: &[(std::ops::Range<usize>, String)], phrase: &Phrase) -> bool {
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
    use crate::read::phrase::phrases;

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
