//! What counts as the same letter.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

/// A word in its folded form: lower case, no accents, one form of each letter whatever its width.
/// Accents are those of Latin, Greek and Cyrillic; the marks of other scripts are letters, but for
/// the short vowels of Arabic and Hebrew, which hardly anybody types.
pub(super) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkc().flat_map(char::to_lowercase).filter(|c| !is_invisible(*c)) {
        fold_letter(c, &mut folded);
    }
    folded
}

/// Joiners, direction marks and variation selectors: they change how others look, or nothing.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{20e3}' | '\u{e0000}'..='\u{e0fff}')
}

fn fold_letter(c: char, folded: &mut String) {
    match c {
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        'ł' => folded.push('l'),
        'ø' => folded.push('o'),
        'đ' | 'ð' => folded.push('d'),
        'ħ' => folded.push('h'),
        'ı' => folded.push('i'),
        'ς' => folded.push('σ'),
        // A letter of its own, not an accented one.
        'й' => folded.push('й'),
        // Tatweel only stretches a word.
        '\u{640}' => {}
        _ if is_short_vowel(c) || is_accent(c) || is_skin_tone(c) => {}
        _ => match digit(c) {
            Some(digit) => folded.push(digit),
            None => without_accent(c, folded),
        },
    }
}

/// Arabic and Hebrew points.
fn is_short_vowel(c: char) -> bool {
    matches!(c, '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}')
        || matches!(c, '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{652}' | '\u{670}')
        || matches!(c, '\u{6d6}'..='\u{6ed}')
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// The letter under an accent; other letters stay as they are.
fn without_accent(c: char, folded: &mut String) {
    let mut accented = false;
    decompose_canonical(c, |part| accented |= is_accent(part));
    if accented {
        decompose_canonical(c, |part| {
            if !is_accent(part) {
                folded.push(part);
            }
        });
    } else {
        folded.push(c);
    }
}

/// Digits of other scripts, as those of this one. Each of these blocks has ten in a row.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 12] = [
        '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
        '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}',
    ];
    let value =
        ZEROS.iter().map(|zero| (c as u32).wrapping_sub(*zero as u32)).find(|value| *value < 10)?;
    char::from_digit(value, 10)
}
