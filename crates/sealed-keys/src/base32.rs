//! Crockford's base 32 (<https://www.crockford.com/base32.html>), as people copy it from paper: no
//! I, L, O, U, any case, and what they put between groups does not matter.

use crate::error::CodeError;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a group on paper.
const GROUP: usize = 4;

/// Reads five bits a character: spaces and dashes anywhere, O for 0, I and L for 1. At most `most`
/// characters are looked at; whoever needs a certain number compares the length.
///
/// # Errors
/// [`CodeError::Character`]: one that cannot occur.
pub fn read_base32(typed: &str, most: usize) -> Result<Vec<u8>, CodeError> {
    let mut symbols = Vec::with_capacity(most);
    for c in typed.chars().filter(|c| !is_separator(*c)) {
        if symbols.len() == most {
            break;
        }
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let found = ALPHABET.iter().position(|a| char::from(*a) == c);
        let symbol = found.ok_or(CodeError::Character { position: symbols.len() + 1 })?;
        symbols.push(symbol as u8);
    }
    Ok(symbols)
}

/// The character of each five-bit symbol; the upper three bits are not looked at.
pub fn show_base32(symbols: &[u8]) -> String {
    // What is shown may be a secret: a string that grew would leave copies behind.
    let mut shown = String::with_capacity(symbols.len());
    shown.extend(symbols.iter().map(|s| char::from(ALPHABET[usize::from(*s & 31)])));
    shown
}

/// `ABCDEFGH` as `ABCD-EFGH`.
pub fn in_groups(text: &str) -> String {
    let mut grouped = String::with_capacity(text.len() + text.len() / GROUP);
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % GROUP == 0 {
            grouped.push('-');
        }
        grouped.push(c);
    }
    grouped
}

/// True for what people put between groups.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{00ad}' | '\u{feff}' | '\u{200b}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_copied_by_hand() {
        let symbols: Vec<u8> = (0..32).collect();
        let shown = show_base32(&symbols);
        assert_eq!(shown.as_bytes(), ALPHABET);
        let sloppy = in_groups(&shown)
            .to_lowercase()
            .replace('0', "o")
            .replace('1', "l")
            .replace('-', " \u{2013} ");
        assert_eq!(read_base32(&sloppy, 32).unwrap(), symbols);
        assert_eq!(read_base32("12 3u", 32), Err(CodeError::Character { position: 4 }));
        assert_eq!(read_base32("1234", 3).unwrap(), [1, 2, 3]);
        assert_eq!(in_groups("ABCDEFGHJ"), "ABCD-EFGH-J");
    }
}
