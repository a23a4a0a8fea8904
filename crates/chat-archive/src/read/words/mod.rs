//! Splits text into words and folds them, the same for indexing, queries and highlights.
//!
//! A word is a run of letters, digits and their marks. Scripts written without spaces (Chinese,
//! Japanese, Thai, …) count every letter with its marks as a word, so that any part is found. Each
//! emoji and each symbol such as `+` is a word of its own: "C++" is three words that stand
//! together. Punctuation only separates.

mod encode;
mod fold;

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use self::encode::encode;
use self::fold::{fold, is_invisible};

/// The words of `text`, folded, with their byte ranges.
pub(crate) fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    for (at, c) in text.char_indices() {
        let kind = kind_of(c);
        match &mut open {
            // Marks belong to the letter before them; what cannot be seen does not end a word.
            Some(_) if kind == Kind::Mark => continue,
            Some(word) if kind == Kind::Letter && word.kind == Kind::Letter => continue,
            _ => {}
        }
        close(text, &mut open, at, &mut found);
        if kind != Kind::Separator && !is_invisible(c) {
            open = Some(Open { start: at, kind });
        }
    }
    close(text, &mut open, text.len(), &mut found);
    found
}

/// The folded words, separated by spaces: what goes into the index.
pub(crate) fn index_form(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii() && !is_symbol(char::from(b))) {
        // The index's own tokeniser splits these the same way and folds case.
        return text.to_owned();
    }
    let mut form = String::with_capacity(text.len() + 16);
    for (_, word) in words(text) {
        form.push_str(&encode(&word));
        form.push(' ');
    }
    form
}

/// A folded word as it is in the index.
pub(crate) fn index_word(word: &str) -> String {
    encode(word)
}

struct Open {
    start: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Goes on until something else comes.
    Letter,
    /// A word by itself, with the marks after it.
    Single,
    Mark,
    Separator,
}

fn kind_of(c: char) -> Kind {
    match c {
        '\0'..='\x7f' if c.is_ascii_alphanumeric() => Kind::Letter,
        _ if is_invisible(c) || is_combining_mark(c) || is_voicing(c) || is_skin_tone(c) => {
            Kind::Mark
        }
        _ if is_written_without_spaces(c) || is_symbol(c) => Kind::Single,
        _ if c.is_alphanumeric() => Kind::Letter,
        _ => Kind::Separator,
    }
}

fn close(text: &str, open: &mut Option<Open>, end: usize, found: &mut Vec<(Range<usize>, String)>) {
    if let Some(word) = open.take() {
        let folded = fold(&text[word.start..end]);
        if !folded.is_empty() {
            found.push((word.start..end, folded));
        }
    }
}

/// Half-width voicing marks of Katakana, which are letters to Unicode.
fn is_voicing(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_written_without_spaces(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{edf}'          // Thai, Lao
        | '\u{f40}'..='\u{fbc}'        // Tibetan
        | '\u{1000}'..='\u{109f}'      // Myanmar
        | '\u{1780}'..='\u{17ff}'      // Khmer
        | '\u{3040}'..='\u{30ff}'      // Hiragana, Katakana
        | '\u{31f0}'..='\u{31ff}'      // Katakana, small
        | '\u{ff66}'..='\u{ff9d}'      // Katakana, half width
        | '\u{3005}'..='\u{3007}'      // 々 and other signs that stand for a letter
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Han
        | '\u{20000}'..='\u{3ffff}')
}

/// Emoji, and signs that mean something: money, mathematics, arrows, `#` and `@`.
fn is_symbol(c: char) -> bool {
    matches!(c,
        '#' | '$' | '%' | '&' | '+' | '<' | '=' | '>' | '@' | '^' | '~'
        | '\u{a2}'..='\u{a6}' | '\u{a9}' | '\u{ac}' | '\u{ae}' | '\u{b0}' | '\u{b1}' | '\u{d7}'
        | '\u{f7}'
        | '\u{20a0}'..='\u{20cf}'      // currency
        | '\u{2100}'..='\u{214f}'      // letter-like: ™ № ℃
        | '\u{2190}'..='\u{23ff}'      // arrows, mathematics, technical
        | '\u{25a0}'..='\u{27bf}'      // shapes, weather, dingbats
        | '\u{27c0}'..='\u{2bff}'      // more arrows and shapes
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1faff}')   // emoji
        && !matches!(c, '\u{2329}' | '\u{232a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|(_, word)| word).collect()
    }

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(folded("Café, NAÏVE – Łódź!"), ["cafe", "naive", "lodz"]);
        assert_eq!(folded("ПРИВЕТ мир"), ["привет", "мир"]);
        assert_eq!(folded("cafe\u{301}"), ["cafe"], "a mark of its own");
    }

    #[test]
    fn scripts_without_spaces_are_found_by_any_part() {
        assert_eq!(folded("東京tower"), ["東", "京", "tower"]);
        assert_eq!(folded("がｶﾞか\u{3099}"), ["が", "ガ", "が"]);
        assert_eq!(folded("ที่นี่"), ["ที่", "นี่"]);
    }

    #[test]
    fn symbols_are_words() {
        assert_eq!(folded("C++, c# and 50%"), ["c", "+", "+", "c", "#", "and", "50", "%"]);
        assert_eq!(folded("👍🏽👍 ❤️!"), ["👍", "👍", "❤"]);
        assert_eq!(folded("👩\u{200d}🚀"), ["👩", "🚀"]);
        assert!(folded("… — !?.,;:-()\u{200d}\u{fe0f}").is_empty());
    }

    #[test]
    fn ranges_point_at_the_original() {
        let text = "Åse sa: tschüß 👍🏽";
        let ranges: Vec<&str> = words(text).into_iter().map(|(range, _)| &text[range]).collect();
        assert_eq!(ranges, ["Åse", "sa", "tschüß", "👍🏽"]);
    }

    #[test]
    fn any_text_is_split_without_a_crash() {
        let all: String = (0..0x1ffff).filter_map(char::from_u32).collect();
        for (range, word) in words(&all) {
            assert!(!word.is_empty() && !all[range].is_empty());
        }
        assert!(!index_form(&all).contains("  "));
    }
}
