//! The recovery code: generated with a checksum, or chosen by the person.

use crate::base32::{in_groups, read_base32, show_base32};
use crate::error::CodeError;
use crate::secret::SecretText;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// 14 random characters, 70 bits, and 2 check characters.
const CODE_LEN: usize = 16;
const RANDOM_LEN: usize = 14;
/// A code that is too long is told from a right one, without reading a novel.
const MOST_READ: usize = 4 * CODE_LEN;

const OWN_MIN: usize = 8;
const OWN_MAX: usize = 128;

/// Who made a code, which decides how it is typed and stretched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// By the program: 70 random bits as 16 characters.
    Generated,
    /// By the person.
    Own,
}

/// A recovery code in canonical form. Only code with no typing mistake gets this far, if it was
/// generated.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode {
    kind: CodeKind,
    canonical: SecretText,
}

impl RecoveryCode {
    /// A code of the program's making.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut symbols = Zeroizing::new([0u8; CODE_LEN]);
        rng.fill_bytes(&mut symbols[..RANDOM_LEN]);
        // 256 is a multiple of 32, so the low five bits are uniform.
        symbols.iter_mut().for_each(|s| *s &= 31);
        (symbols[14], symbols[15]) = check_symbols(&symbols);
        let text = show_base32(&symbols[..]);
        Self { kind: CodeKind::Generated, canonical: SecretText::new(text) }
    }

    /// Reads a generated code: any case, spaces and dashes anywhere, O for 0, I and L for 1.
    ///
    /// Errors: `Length`, `Character`, `Checksum`. Any one or two wrong characters and any two
    /// swapped are found.
    pub fn parse_generated(typed: &str) -> Result<Self, CodeError> {
        let symbols = Zeroizing::new(read_base32(typed, MOST_READ)?);
        if symbols.len() != CODE_LEN {
            return Err(CodeError::Length { got: symbols.len(), want: CODE_LEN });
        }
        if syndrome(&symbols) != (0, 0) {
            return Err(CodeError::Checksum);
        }
        let text = show_base32(&symbols[..]);
        Ok(Self { kind: CodeKind::Generated, canonical: SecretText::new(text) })
    }

    /// Takes a code that the person chose: NFKC, trimmed, runs of white space made one space; 8 to
    /// 128 characters.
    ///
    /// Errors: `TooShort`, `TooLong`, `Character` (a control character).
    pub fn own(typed: &str) -> Result<Self, CodeError> {
        // NFKC makes at most 18 characters of one, and nobody types this much.
        if typed.chars().count() > 8 * OWN_MAX {
            return Err(CodeError::TooLong { most: OWN_MAX });
        }
        let folded: Zeroizing<String> = Zeroizing::new(typed.nfkc().collect());
        let mut text = String::with_capacity(folded.len());
        for word in folded.split_whitespace() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        let canonical = SecretText::new(text);
        if let Some(at) = canonical.expose().chars().position(char::is_control) {
            return Err(CodeError::Character { position: at + 1 });
        }
        match canonical.expose().chars().count() {
            n if n < OWN_MIN => Err(CodeError::TooShort { least: OWN_MIN }),
            n if n > OWN_MAX => Err(CodeError::TooLong { most: OWN_MAX }),
            _ => Ok(Self { kind: CodeKind::Own, canonical }),
        }
    }

    /// Reads a code of a known kind, as a slot names it.
    pub fn parse(kind: CodeKind, typed: &str) -> Result<Self, CodeError> {
        match kind {
            CodeKind::Generated => Self::parse_generated(typed),
            CodeKind::Own => Self::own(typed),
        }
    }

    /// Who made it.
    pub fn kind(&self) -> CodeKind {
        self.kind
    }

    /// For reading: `XXXX-XXXX-XXXX-XXXX`, or an own code as it is.
    pub fn display(&self) -> SecretText {
        match self.kind {
            CodeKind::Own => self.canonical.clone(),
            CodeKind::Generated => SecretText::new(in_groups(self.canonical.expose())),
        }
    }

    pub(crate) fn canonical(&self) -> &str {
        self.canonical.expose()
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryCode({:?}, …)", self.kind)
    }
}

/// Product in GF(32) = GF(2)[x] / (x^5 + x^2 + 1).
fn times(a: u8, b: u8) -> u8 {
    let mut product = 0u16;
    for bit in 0..5 {
        if b >> bit & 1 == 1 {
            product ^= u16::from(a) << bit;
        }
    }
    for bit in (5..9).rev() {
        if product >> bit & 1 == 1 {
            product ^= 0b100101 << (bit - 5);
        }
    }
    product as u8
}

/// (sum c_i, sum c_i * x^i) for c_0 = the first symbol. Both are zero for a code word.
///
/// A Reed-Solomon code over GF(32) with two check symbols: distance 3, length at most 31.
fn syndrome(symbols: &[u8]) -> (u8, u8) {
    let mut power = 1;
    symbols.iter().fold((0, 0), |(sum, weighted), c| {
        let next = (sum ^ c, weighted ^ times(*c, power));
        power = times(power, 2);
        next
    })
}

/// The two last symbols that make the syndrome zero, given the first fourteen (the last two are
/// ignored).
fn check_symbols(symbols: &[u8; CODE_LEN]) -> (u8, u8) {
    let (sum, weighted) = syndrome(&symbols[..RANDOM_LEN]);
    // Two linear equations in two unknowns over GF(32): 1,024 candidates, one solution.
    let power = |n| (0..n).fold(1, |p, _| times(p, 2));
    let (p14, p15) = (power(14), power(15));
    (0..32)
        .map(|a| (a, a ^ sum))
        .find(|(a, b)| times(*a, p14) ^ times(*b, p15) == weighted)
        .expect("the powers of x differ, so the equations have a solution")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    #[test]
    fn a_generated_code_survives_being_copied_by_hand() {
        let code = RecoveryCode::generate(&mut OsRng);
        let shown = code.display();
        assert_eq!(shown.expose().len(), 19);
        let sloppy = shown
            .expose()
            .to_lowercase()
            .replace('-', " \u{2013} ")
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(RecoveryCode::parse_generated(&sloppy).unwrap(), code);
    }

    #[test]
    fn every_wrong_character_and_every_swap_is_found() {
        let code = RecoveryCode::generate(&mut OsRng);
        let right = code.canonical().to_string();
        for at in 0..CODE_LEN {
            for letter in b"0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
                let mut typed = right.clone().into_bytes();
                if typed[at] == *letter {
                    continue;
                }
                typed[at] = *letter;
                let typed = String::from_utf8(typed).unwrap();
                assert_eq!(RecoveryCode::parse_generated(&typed), Err(CodeError::Checksum));
            }
            for other in 0..at {
                let mut typed = right.clone().into_bytes();
                typed.swap(at, other);
                let typed = String::from_utf8(typed).unwrap();
                assert_eq!(RecoveryCode::parse_generated(&typed).is_ok(), typed == right);
            }
        }
    }

    #[test]
    fn what_cannot_be_a_generated_code_says_why() {
        let cases = [
            ("", CodeError::Length { got: 0, want: 16 }),
            ("0000-0000-0000-000", CodeError::Length { got: 15, want: 16 }),
            ("0000-0000-0000-00000", CodeError::Length { got: 17, want: 16 }),
            ("0000-000U-0000-0000", CodeError::Character { position: 8 }),
            ("0000-0000-0000-0001", CodeError::Checksum),
        ];
        for (typed, why) in cases {
            assert_eq!(RecoveryCode::parse_generated(typed), Err(why), "{typed}");
        }
    }

    #[test]
    fn an_own_code_does_not_depend_on_the_keyboard() {
        let composed = RecoveryCode::own("  caf\u{e9}  au lait ").unwrap();
        assert_eq!(RecoveryCode::own("cafe\u{301} au\u{a0}lait").unwrap(), composed);
        assert_eq!(RecoveryCode::own("seven77"), Err(CodeError::TooShort { least: 8 }));
        assert_eq!(RecoveryCode::own(&"x".repeat(129)), Err(CodeError::TooLong { most: 128 }));
        assert_eq!(RecoveryCode::own("bell\u{7}bell"), Err(CodeError::Character { position: 5 }));
    }

    #[test]
    fn debug_shows_no_code() {
        assert_eq!(
            format!("{:?}", RecoveryCode::own("open sesame").unwrap()),
            "RecoveryCode(Own, …)"
        );
    }
}
