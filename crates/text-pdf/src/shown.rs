//! What of a text is drawn: every character that can be seen, and the code point of every other.

use std::fmt::Write;

use crate::fonts::Fonts;

/// The text with a code point in place of what no font has and of what is no letter.
pub fn shown(text: &str, fonts: &mut Fonts) -> String {
    let mut shown = String::with_capacity(text.len());
    let text = text.strip_suffix('\n').unwrap_or(text);
    for c in text.chars() {
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push_str("    "),
            '\r' => {}
            c if is_hidden(c) => code_point(&mut shown, c),
            c if fonts.has(c) => shown.push(c),
            c => {
                fonts.count_missing(c);
                code_point(&mut shown, c);
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
        let mut fonts = Fonts::bundled_only().unwrap();
        assert_eq!(shown("paid \u{202e}001 €\u{202c} now", &mut fonts), "paid <U+202E>001 €<U+202C> now");
        assert_eq!(shown("a\0b\r\nc\td\n", &mut fonts), "a<U+0000>b\nc    d");
        assert!(fonts.without_font().is_empty());
    }

    #[test]
    fn what_no_font_has_is_shown_as_its_code_point_and_counted() {
        let mut fonts = Fonts::bundled_only().unwrap();
        assert_eq!(shown("𓀀 ya 𓀀", &mut fonts), "<U+13000> ya <U+13000>");
        assert_eq!(fonts.without_font().into_iter().collect::<Vec<_>>(), [('𓀀', 2)]);
    }

    #[test]
    fn marks_that_shape_a_word_stay() {
        let mut fonts = Fonts::bundled_only().unwrap();
        let word = "می\u{200c}خواهم";
        assert_eq!(shown(word, &mut fonts), word);
    }
}
