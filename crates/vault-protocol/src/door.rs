//! What a site asks of a client before its device works, when more wait than it can serve
//! (spec/vault-protocol.md section 11).

use crate::ids::bytes_id;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// HTTP header: the bundle that a client means, and in an answer the newest that a site serves
/// (hex).
pub const BUNDLE_HEADER: &str = "keepsake-bundle";
/// HTTP header: the tag of the account that a session is about (hex).
pub const ACCOUNT_HEADER: &str = "keepsake-account";
/// HTTP header: a [`SolvedCookie`].
pub const COOKIE_HEADER: &str = "keepsake-cookie";
/// Most work that a site may ask for: 2^20 hashes take a computer about a quarter of a second, a
/// phone one.
pub const MAX_WORK_BITS: u8 = 20;
/// Seconds that a cookie is good for.
pub const COOKIE_LIFETIME: u64 = 60;
/// A cookie as JSON, or solved in a header: 96 hex digits, three numbers and names, under 256
/// bytes.
pub const MAX_COOKIE: usize = 256;

bytes_id!(
    /// Drawn by the site for each cookie.
    CookieSeed, 16
);
bytes_id!(
    /// Under a key of the site's own; nobody else can check it.
    CookieMac, 32
);

/// Body of an answer with status 428, as JSON: the first message has to come again with this,
/// solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cookie {
    /// Makes the work another one for each cookie.
    pub seed: CookieSeed,
    /// Zero bits that the hash must begin with: 0 to [`MAX_WORK_BITS`].
    pub bits: u8,
    /// Unix seconds by the site's clock.
    pub at: u64,
    /// Shows the site that the cookie is its own.
    pub mac: CookieMac,
}

/// A cookie with the number that solves it for one first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolvedCookie {
    /// As the site gave it.
    pub cookie: Cookie,
    /// See [`Cookie::is_solved_by`].
    pub solution: u64,
}

impl Cookie {
    /// Whether SHA-256(seed ‖ first message ‖ solution) begins with enough zero bits.
    pub fn is_solved_by(&self, first: &[u8], solution: u64) -> bool {
        let hash = Sha256::new()
            .chain_update(self.seed.0)
            .chain_update(first)
            .chain_update(solution.to_be_bytes())
            .finalize();
        let (head, _) = hash.split_at(4);
        let head = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        head.leading_zeros() >= u32::from(self.bits)
    }
}

impl SolvedCookie {
    /// Reads a header's text.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_COOKIE {
            return None;
        }
        let mut parts = text.split('.');
        let seed = CookieSeed::from_hex(parts.next()?)?;
        let bits = parts.next()?.parse().ok()?;
        let at = parts.next()?.parse().ok()?;
        let mac = CookieMac::from_hex(parts.next()?)?;
        let solution = parts.next()?.parse().ok()?;
        let whole = parts.next().is_none();
        whole.then_some(Self { cookie: Cookie { seed, bits, at, mac }, solution })
    }
}

/// The header's text: hex of seed, bits, time, hex of MAC and solution, with points between.
impl fmt::Display for SolvedCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cookie: Cookie { seed, bits, at, mac }, solution } = self;
        write!(f, "{seed}.{bits}.{at}.{mac}.{solution}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(bits: u8) -> Cookie {
        Cookie { seed: CookieSeed([7; 16]), bits, at: 1_800_000_000, mac: CookieMac([9; 32]) }
    }

    #[test]
    fn a_solution_is_of_one_cookie_and_one_first_message() {
        let hard = cookie(12);
        let solution = (0..).find(|x| hard.is_solved_by(b"first", *x)).unwrap();
        assert!(hard.is_solved_by(b"first", solution));
        assert!(!hard.is_solved_by(b"other", solution));
        assert!(!Cookie { seed: CookieSeed([8; 16]), ..hard }.is_solved_by(b"first", solution));
        assert!(cookie(0).is_solved_by(b"first", 0));
    }

    #[test]
    fn a_solved_cookie_survives_its_header() {
        let solved = SolvedCookie { cookie: cookie(20), solution: u64::MAX };
        let text = solved.to_string();
        assert!(text.len() <= MAX_COOKIE);
        assert_eq!(SolvedCookie::parse(&text), Some(solved));
        for wrong in ["", "07", &format!("{text}.1"), &text[1..], &text.replace('.', ":")] {
            assert_eq!(SolvedCookie::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_longest_cookie_fits_its_bound() {
        let longest = Cookie { bits: 255, at: u64::MAX, ..cookie(0) };
        assert!(serde_json::to_vec(&longest).unwrap().len() <= MAX_COOKIE);
    }
}
