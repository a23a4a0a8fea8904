//! What a person typed, as words that stand together.

use super::words::words;

/// Words of a query beyond this many are ignored: nobody types more, and each costs a lookup.
const MAX_QUERY_WORDS: usize = 32;

/// Words that stand together; `prefix` if the last may go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    pub words: Vec<String>,
    pub prefix: bool,
}

pub(super) fn phrases(text: &str) -> Vec<Phrase> {
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
    // A single letter is a word: the words that begin with it are most of the index.
    let short = |p: &Phrase| p.words.last().is_some_and(|w| w.len() == 1);
    if let Some(last) = phrases.last_mut().filter(|p| typing && !short(p)) {
        last.prefix = true;
    }
    phrases
}
