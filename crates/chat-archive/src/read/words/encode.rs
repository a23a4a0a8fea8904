//! Words in the index's alphabet: its tokeniser takes letters and digits, and ends a word at a mark
//! or a symbol.
//!
//! What it would not take is written as two characters for private use, which it does take. No text
//! has these: as they come from outside, they only separate words.

/// Ten high bits of a character, and ten low ones: 1,088 and 1,024 of the 6,400 characters from
/// U+E000.
const HIGH: u32 = 0xe000;
const LOW: u32 = 0xe800;

pub(super) fn encode(word: &str) -> String {
    if word.is_ascii() && word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return word.to_owned();
    }
    let mut encoded = String::with_capacity(word.len() * 2);
    for c in word.chars() {
        if is_taken(c) {
            encoded.push(c);
        } else {
            let code = c as u32;
            encoded.extend(
                [HIGH + (code >> 10), LOW + (code & 0x3ff)].into_iter().filter_map(char::from_u32),
            );
        }
    }
    encoded
}

/// Letters that the tokeniser of any version knows. Marks, symbols and younger scripts are none of
/// them.
fn is_taken(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || (matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{52f}' | '\u{561}'..='\u{587}'
            | '\u{5d0}'..='\u{5ea}' | '\u{620}'..='\u{64a}' | '\u{905}'..='\u{939}'
            | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fa5}'
            | '\u{ac00}'..='\u{d7a3}')
            && c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_word_is_the_beginning_of_its_code() {
        for word in ["हिन्दी", "ที่", "👍", "မြန်", "straße", "東"] {
            let whole = encode(word);
            for (end, _) in word.char_indices() {
                assert!(whole.starts_with(&encode(&word[..end])), "{word}");
            }
        }
    }

    #[test]
    fn different_words_have_different_codes() {
        let all: std::collections::HashSet<String> =
            (0..0x2_0000).filter_map(char::from_u32).map(|c| encode(&c.to_string())).collect();
        let chars = (0..0x2_0000).filter_map(char::from_u32).count();
        assert_eq!(all.len(), chars);
    }
}
