//! An offline key as 24 words: BIP-39's English list, with its checksum
//! (<https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki>).

use crate::error::CodeError;
use crate::secret::{Secret, SecretText};
use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

/// 24 words of 11 bits: 256 bits of key and 8 of checksum.
pub(super) const WORDS: usize = 24;

/// So many first letters name a word of the list; four are enough for every one.
const ENOUGH_LETTERS: usize = 4;

/// Longer than any word of the list, whose longest has 8 letters.
const MAX_LETTERS: usize = 16;

/// The words, one space between two.
pub(super) fn of(key: &Secret<32>) -> SecretText {
    let words = Mnemonic::from_entropy(key.expose()).expect("32 bytes make 24 words");
    SecretText::new(words.words().collect::<Vec<_>>().join(" "))
}

/// Whether the text is meant as words. Hex digits have no three letters in a row of which one is
/// beyond `f`; of 24 words of the list many do.
pub(super) fn are_meant(typed: &str) -> bool {
    runs(typed).any(|run| run.len() >= 3 && run.chars().any(|c| !c.is_ascii_hexdigit()))
}

/// Reads 24 words in any case, numbered or not, each whole or by its first four letters.
///
/// # Errors
/// `WordCount`, `UnknownWord`, `Checksum`.
pub(super) fn parse(typed: &str) -> Result<Secret<32>, CodeError> {
    let got = runs(typed).count();
    let mut text = Zeroizing::new(String::with_capacity(WORDS * (MAX_LETTERS + 1)));
    for (at, run) in runs(typed).take(WORDS).enumerate() {
        let word = listed(run).ok_or(CodeError::UnknownWord { position: at + 1 })?;
        if at > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
    if got != WORDS {
        return Err(CodeError::WordCount { got, want: WORDS });
    }
    let words = Mnemonic::parse_in_normalized(Language::English, &text)
        .map_err(|_| CodeError::WordChecksum)?;
    let entropy = Zeroizing::new(words.to_entropy_array());
    Secret::from_slice(&entropy.0[..entropy.1]).ok_or(CodeError::WordChecksum)
}

/// Letters that stand together: numbers, dots and whatever else is between words is none of them.
fn runs(typed: &str) -> impl Iterator<Item = &str> {
    typed.split(|c: char| !c.is_alphabetic()).filter(|run| !run.is_empty())
}

/// The word of the list that was meant.
fn listed(typed: &str) -> Option<&'static str> {
    if typed.len() > MAX_LETTERS {
        return None;
    }
    let typed = Zeroizing::new(typed.to_lowercase());
    if let Some(at) = Language::English.find_word(&typed) {
        return Language::English.word_list().get(usize::from(at)).copied();
    }
    let mut all = Language::English.words_by_prefix_iter(&typed);
    let first = all.next().filter(|_| typed.len() >= ENOUGH_LETTERS)?;
    all.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OfflineKey;

    /// Digits and words, as another implementation of BIP-39 pairs them.
    fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = include_str!("words.txt").lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split_once(' ').unwrap())
    }

    #[test]
    fn words_and_digits_are_the_same_key_as_elsewhere() {
        assert_eq!(pairs().count(), 6);
        for (digits, words) in pairs() {
            let key = OfflineKey::parse(digits).unwrap();
            assert_eq!(key.words().expose(), words);
            assert!(OfflineKey::parse(words).unwrap() == key);
        }
    }

    #[test]
    fn words_may_be_numbered_cut_to_four_letters_and_in_any_case() {
        for (digits, words) in pairs() {
            let key = OfflineKey::parse(digits).unwrap();
            let typed = |one: fn((usize, &str)) -> String| {
                words.split(' ').enumerate().map(one).collect::<Vec<_>>().join("\n")
            };
            for text in [
                typed(|(at, word)| format!("{}. {word}", at + 1)),
                typed(|(_, word)| word.chars().take(ENOUGH_LETTERS).collect()),
                words.to_uppercase(),
            ] {
                assert!(OfflineKey::parse(&text).unwrap() == key, "{text}");
            }
        }
    }

    #[test]
    fn a_slip_is_found_and_said_where_it_can_be() {
        let words = pairs().nth(4).unwrap().1;
        let list: Vec<&str> = words.split(' ').collect();
        let with = |at: usize, word: &'static str| {
            let mut other = list.clone();
            other[at] = word;
            parse(&other.join(" ")).map(|_| ())
        };
        assert_eq!(with(2, "qwerty"), Err(CodeError::UnknownWord { position: 3 }));
        assert_eq!(with(2, "aba"), Err(CodeError::UnknownWord { position: 3 }));
        let one_short = list[1..].join(" ");
        let missing = CodeError::WordCount { got: 23, want: 24 };
        assert_eq!(parse(&one_short).map(|_| ()), Err(missing));
        let many = "zoo ".repeat(100_000);
        assert_eq!(parse(&many).map(|_| ()), Err(CodeError::WordCount { got: 100_000, want: 24 }));
        let mut swapped = list.clone();
        swapped.swap(0, 1);
        assert_eq!(parse(&swapped.join(" ")).map(|_| ()), Err(CodeError::WordChecksum));
    }
}
