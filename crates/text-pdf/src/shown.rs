//! What of a text is drawn: every character that can be seen, and the code point of every other.

use std::fmt::Write;

use crate::fonts::Fonts;

/// A text as it is drawn.
pub(crate) struct Shown {
    pub text: String,
    /// Characters that no font has, each as often as it comes.
    pub missing: Vec<char>,
}

/// The text with a code point in place of what no font has and of what is no letter.
pub(crate) fn shown(text: &str, fonts: &Fonts) -> Shown {
    let mut shown = Shown { text: String::with_capacity(text.len()), missing: Vec::new() };
    let text = text.strip_suffix('\n').unwrap_or(text);
    for c in text.chars() {
        match c {
            '\n' => shown.text.push('\n'),
            '\t' => shown.text.push_str("    "),
            '\r' => {}
            c if is_hidden(c) => code_point(&mut shown.text, c),
            c if fonts.has(c) => shown.text.push(c),
            c => {
                shown.missing.push(c);
                code_point(&mut shown.text, c);
            }
        }
    }
    shown
}

/// Control characters (Unicode category Cc), line and paragraph separators, and the embeddings and
/// overrides of UAX #9, which make words read in another order than they were sent in.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}')
}

fn code_point(out: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = write!(out, "<U+{:04X}>", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_turn_words_around_is_shown_instead() {
        let fonts = Fonts::bundled_only().unwrap();
        let text = |text| shown(text, &fonts).text;
        assert_eq!(text("paid \u{202e}001 €\u{202c} now"), "paid <U+202E>001 €<U+202C> now");
        assert_eq!(text("a\0b\r\nc\td\n"), "a<U+0000>b\nc    d");
        assert!(shown("a\0", &fonts).missing.is_empty());
    }

    #[test]
    fn what_no_font_has_is_shown_as_its_code_point_and_counted() {
        let fonts = Fonts::bundled_only().unwrap();
        let found = shown("𓀀 ya 𓀀", &fonts);
        assert_eq!(found.text, "<U+13000> ya <U+13000>");
        assert_eq!(found.missing, ['𓀀', '𓀀']);
    }

    #[test]
    fn marks_that_shape_a_word_stay() {
        let fonts = Fonts::bundled_only().unwrap();
        let word = "می\u{200c}خواهم";
        assert_eq!(shown(word, &fonts).text, word);
    }
}
