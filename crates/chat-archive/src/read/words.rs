//! Splits text into words and folds them, the same for indexing, queries and highlights.
//!
//! Folding is lower case without accents, so "Café" finds "cafe". Scripts written without spaces
//! (Chinese, Japanese, Thai, …) count every character as a word, so that any part is found.

use std::ops::Range;

use unicode_normalization::char::decompose_canonical;

/// The words of `text` with their byte ranges.
pub fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if is_word_by_itself(c) || !is_word_char(c) {
            close(text, &mut start, at, &mut found);
            if is_word_by_itself(c) {
                let range = at..at + c.len_utf8();
                found.push((range.clone(), fold(&text[range])));
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    close(text, &mut start, text.len(), &mut found);
    found
}

/// The folded words, separated by spaces: what goes into the index.
pub fn index_form(text: &str) -> String {
    if text.is_ascii() {
        // The index's own tokeniser splits ASCII the same way and folds case.
        return text.to_owned();
    }
    let mut form = String::with_capacity(text.len() + 16);
    for (_, word) in words(text) {
        form.push_str(&word);
        form.push(' ');
    }
    form
}

fn close(text: &str, start: &mut Option<usize>, end: usize, found: &mut Vec<(Range<usize>, String)>) {
    if let Some(from) = start.take() {
        let word = fold(&text[from..end]);
        if !word.is_empty() {
            found.push((from..end, word));
        }
    }
}

fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.chars().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase).flat_map(without_accent).collect()
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Combining accents. Vowel signs of Indic scripts and Arabic points are kept: they are letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_word_by_itself(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{edf}'          // Thai, Lao
        | '\u{1000}'..='\u{109f}'      // Myanmar
        | '\u{1780}'..='\u{17ff}'      // Khmer
        | '\u{3040}'..='\u{30ff}'      // Hiragana, Katakana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Han
        | '\u{20000}'..='\u{3ffff}')
}

/// The letter under an accent; letters that are no base letter plus marks stay as they are.
fn without_accent(c: char) -> Vec<char> {
    let mut parts = Vec::with_capacity(2);
    decompose_canonical(c, |part| parts.push(part));
    parts.retain(|c| !is_mark(*c));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|(_, word)| word).collect()
    }

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(folded("Café, NAÏVE – Łódź!"), ["cafe", "naive", "łodz"]);
        assert_eq!(folded("ПРИВЕТ мир"), ["привет", "мир"]);
    }

    #[test]
    fn scripts_without_spaces_are_found_by_any_part() {
        assert_eq!(folded("東京tower"), ["東", "京", "tower"]);
    }

    #[test]
    fn ranges_point_at_the_original() {
        let text = "Åse sa: tschüß";
        let ranges: Vec<&str> = words(text).into_iter().map(|(range, _)| &text[range]).collect();
        assert_eq!(ranges, ["Åse", "sa", "tschüß"]);
    }
}
