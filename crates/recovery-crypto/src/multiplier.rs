//! u_i: makes a site's function the person's own, so that nobody else's queries help with her code.

use crate::derive::expand;
use vault_protocol::labelled;
use zeroize::Zeroizing;

/// A scalar in 1..n, big-endian, from the tag in a site's box. The site has the tag; whoever
/// rebuilt the secret could compute it; nobody else can.
pub fn multiplier(tag: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    // A candidate is out of range once in 2^32 times.
    (0u8..=u8::MAX)
        .map(|attempt| expand(tag, &labelled("multiplier", &[&[attempt]])))
        .find(|candidate| p256::SecretKey::from_slice(&**candidate).is_ok())
        .expect("256 candidates in a row are out of range once in 2^8192 times")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_scalar_of_its_tag() {
        assert_eq!(multiplier(&[1; 32]), multiplier(&[1; 32]));
        assert_ne!(multiplier(&[1; 32]), multiplier(&[2; 32]));
        assert!(p256::SecretKey::from_slice(&*multiplier(&[3; 32])).is_ok());
    }
}
