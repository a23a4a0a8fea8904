//! Shamir sharing of 32 bytes over GF(2^8); share i belongs to site i.

use rand_core::CryptoRngCore;
use vault_protocol::SiteIndex;
use vsss_rs::Gf256;
use zeroize::{Zeroize, Zeroizing};

pub(crate) type Share = Zeroizing<[u8; 32]>;

/// Splits `secret` so that any `threshold` of `sites` shares rebuild it. Share i is at position i - 1.
pub(crate) fn split(secret: &[u8; 32], threshold: u8, sites: u8, rng: &mut impl CryptoRngCore) -> Option<Vec<Share>> {
    let mut shares = Gf256::split_array(threshold.into(), sites.into(), secret, rng).ok()?;
    let out = shares.iter().enumerate().map(|(i, s)| unnumbered(i, s)).collect();
    shares.zeroize();
    out
}

/// Rebuilds a secret from exactly `threshold` shares of different sites. Wrong shares give a wrong secret.
pub(crate) fn combine(shares: &[(SiteIndex, &Share)]) -> Option<Share> {
    let numbered = |(site, share): &(SiteIndex, &Share)| {
        let mut bytes = Vec::with_capacity(33);
        bytes.push(site.0);
        bytes.extend_from_slice(&share[..]);
        bytes
    };
    let mut numbered: Vec<Vec<u8>> = shares.iter().map(numbered).collect();
    let secret = Gf256::combine_array(&numbered).ok().map(Zeroizing::new);
    numbered.zeroize();
    secret?.as_slice().try_into().ok().map(Zeroizing::new)
}

fn unnumbered(position: usize, share: &[u8]) -> Option<Share> {
    match share {
        [number, rest @ ..] if usize::from(*number) == position + 1 => rest.try_into().ok().map(Zeroizing::new),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    #[test]
    fn any_three_of_five_rebuild_and_two_do_not() {
        let secret = [7; 32];
        let shares = split(&secret, 3, 5, &mut OsRng).unwrap();
        let take = |sites: &[u8]| {
            let picked: Vec<_> = sites.iter().map(|i| (SiteIndex(*i), &shares[usize::from(*i) - 1])).collect();
            combine(&picked)
        };
        assert_eq!(*take(&[1, 2, 3]).unwrap(), secret);
        assert_eq!(*take(&[5, 1, 4]).unwrap(), secret);
        assert_ne!(*take(&[1, 2]).unwrap(), secret);
    }

    #[test]
    fn the_same_share_twice_is_refused() {
        let shares = split(&[7; 32], 2, 3, &mut OsRng).unwrap();
        assert!(combine(&[(SiteIndex(1), &shares[0]), (SiteIndex(1), &shares[0])]).is_none());
    }
}
