//! Shamir sharing of 32 bytes over GF(2^8); share i belongs to site i.

use rand_core::CryptoRngCore;
use subtle::ConstantTimeEq;
use vault_protocol::SiteIndex;
use vsss_rs::Gf256;
use vsss_rs::elliptic_curve::Field;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub(crate) type Share = Zeroizing<[u8; 32]>;

/// A secret and all its shares: 32 polynomials of degree t - 1 at once, at 0 and at 1 … n.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Polynomial {
    secret: [u8; 32],
    shares: Vec<[u8; 32]>,
}

impl Polynomial {
    /// Fresh: any `threshold` of `sites` shares make it, fewer say nothing.
    pub(crate) fn random(threshold: u8, sites: u8, rng: &mut impl CryptoRngCore) -> Option<Self> {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *secret);
        let split = Gf256::split_array(threshold.into(), sites.into(), secret.as_slice(), rng);
        let mut numbered = split.ok()?;
        let shares: Option<_> =
            numbered.iter().enumerate().map(|(i, s)| unnumbered(i, s)).collect();
        numbered.zeroize();
        Some(Self { secret: *secret, shares: shares? })
    }

    /// The one through these shares, which must be `threshold` of different sites.
    pub(crate) fn through(shares: &[(SiteIndex, &Share)], sites: u8) -> Option<Self> {
        let distinct = |i: usize| shares[..i].iter().all(|(site, _)| *site != shares[i].0);
        let usable = shares.iter().enumerate().all(|(i, (site, _))| site.0 != 0 && distinct(i));
        usable.then_some(())?;
        let shares_of = (1..=sites).map(|x| *at(shares, x)).collect();
        Some(Self { secret: *at(shares, 0), shares: shares_of })
    }

    pub(crate) fn secret(&self) -> Share {
        Zeroizing::new(self.secret)
    }

    pub(crate) fn share(&self, site: SiteIndex) -> Option<Share> {
        let position = usize::from(site.0).checked_sub(1)?;
        self.shares.get(position).copied().map(Zeroizing::new)
    }

    /// The secret and all shares.
    pub(crate) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.secret.as_slice(), self.shares.as_flattened()].concat())
    }
}

/// The committed polynomial, and who answered with a share of it.
pub(crate) struct Match {
    pub polynomial: Polynomial,
    pub used: Vec<SiteIndex>,
    /// Answered with something else.
    pub liars: Vec<SiteIndex>,
}

/// Finds the polynomial of degree `threshold` - 1 that `fits`, among answers some of which may be
/// lies. An answer that holds no share at all (`None`) is one. Of a site's answers the first
/// counts. At most C(7,4) = 35 sets are tried.
pub(crate) fn find(
    answers: &[(SiteIndex, Option<Share>)],
    threshold: u8,
    sites: u8,
    fits: impl Fn(&Polynomial) -> bool,
) -> Option<Match> {
    let answers = first_of_each_site(answers, sites);
    let shares: Vec<_> =
        answers.iter().filter_map(|(site, s)| Some((*site, s.as_ref()?))).collect();
    let polynomial = subsets(shares.len(), threshold.into()).find_map(|set| {
        let picked: Vec<_> = set.iter().map(|i| shares[*i]).collect();
        Polynomial::through(&picked, sites).filter(&fits)
    })?;
    let lies_on = |(site, share): &&&(SiteIndex, Option<Share>)| {
        let right = polynomial.share(*site).zip(share.as_ref());
        right.is_some_and(|(right, share)| bool::from(right.ct_eq(&**share)))
    };
    let (used, liars): (Vec<_>, Vec<_>) = answers.iter().partition(lies_on);
    let sites = |answers: Vec<&&(SiteIndex, _)>| answers.iter().map(|(site, _)| *site).collect();
    Some(Match { used: sites(used), liars: sites(liars), polynomial })
}

/// Answers of sites that the fleet has, each once.
pub(crate) fn first_of_each_site<T>(answers: &[(SiteIndex, T)], sites: u8) -> Vec<&(SiteIndex, T)> {
    let first = |i: usize| answers[..i].iter().all(|(site, _)| *site != answers[i].0);
    let counts = |i: usize| (1..=sites).contains(&answers[i].0.0) && first(i);
    (0..answers.len()).filter(|i| counts(*i)).map(|i| &answers[i]).collect()
}

/// The value at `x` of the polynomial through these shares (Lagrange).
fn at(shares: &[(SiteIndex, &Share)], x: u8) -> Share {
    let mut value = Zeroizing::new([0; 32]);
    for (i, (site, share)) in shares.iter().enumerate() {
        let weight = weight(shares, i, site.0, x);
        for (byte, of_share) in value.iter_mut().zip(share.iter()) {
            *byte ^= (Gf256(*of_share) * weight).0;
        }
    }
    value
}

/// Weights depend on the sites alone, which are not secret.
fn weight(shares: &[(SiteIndex, &Share)], i: usize, of: u8, x: u8) -> Gf256 {
    let others = shares.iter().enumerate().filter(|(j, _)| *j != i);
    others.fold(Gf256::ONE, |weight, (_, (other, _))| {
        weight * Gf256(x ^ other.0) / Gf256(of ^ other.0)
    })
}

fn unnumbered(position: usize, share: &[u8]) -> Option<[u8; 32]> {
    match share {
        [number, rest @ ..] if usize::from(*number) == position + 1 => rest.try_into().ok(),
        _ => None,
    }
}

/// All sets of `k` out of `0..n`, in order.
fn subsets(n: usize, k: usize) -> impl Iterator<Item = Vec<usize>> {
    (0u32..1 << n.min(16))
        .filter(move |mask| mask.count_ones() as usize == k)
        .map(move |mask| (0..n).filter(|i| mask & (1 << i) != 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    fn take<'a>(shares: &'a [Share], sites: &[u8]) -> Vec<(SiteIndex, &'a Share)> {
        sites.iter().map(|i| (SiteIndex(*i), &shares[usize::from(*i) - 1])).collect()
    }

    #[test]
    fn any_three_of_five_make_the_whole_polynomial_and_two_do_not() {
        let dealt = Polynomial::random(3, 5, &mut OsRng).unwrap();
        let shares: Vec<Share> = (1..=5).map(|i| dealt.share(SiteIndex(i)).unwrap()).collect();
        for sites in [&[1, 2, 3][..], &[5, 1, 4], &[2, 4, 5], &[1, 2, 3, 4, 5]] {
            let rebuilt = Polynomial::through(&take(&shares, sites), 5).unwrap();
            assert_eq!(rebuilt.bytes(), dealt.bytes(), "{sites:?}");
        }
        let two = Polynomial::through(&take(&shares, &[1, 2]), 5).unwrap();
        assert_ne!(two.secret(), dealt.secret());
    }

    #[test]
    fn agrees_with_the_library_that_deals() {
        let dealt = Polynomial::random(4, 7, &mut OsRng).unwrap();
        let numbered: Vec<Vec<u8>> = [2u8, 3, 5, 7]
            .iter()
            .map(|i| [&[*i][..], &*dealt.share(SiteIndex(*i)).unwrap()].concat())
            .collect();
        assert_eq!(Gf256::combine_array(numbered).unwrap(), dealt.secret().to_vec());
    }

    #[test]
    fn every_coefficient_occurs_zero_too() {
        // With two shares needed, share 1 is the secret plus the one coefficient. If some value
        // never occurred, a single share would rule out secrets. One of 256 is missing among 6400
        // once in 10^8 runs.
        let mut seen = [false; 256];
        for _ in 0..200 {
            let dealt = Polynomial::random(2, 3, &mut OsRng).unwrap();
            let share = dealt.share(SiteIndex(1)).unwrap();
            for (secret, share) in dealt.secret.iter().zip(share.iter()) {
                seen[usize::from(secret ^ share)] = true;
            }
        }
        assert!(seen.iter().all(|seen| *seen));
    }

    #[test]
    fn the_same_site_twice_or_site_0_is_refused() {
        let dealt = Polynomial::random(2, 3, &mut OsRng).unwrap();
        let share = dealt.share(SiteIndex(1)).unwrap();
        let twice = [(SiteIndex(1), &share), (SiteIndex(1), &share)];
        assert!(Polynomial::through(&twice, 3).is_none());
        assert!(Polynomial::through(&[(SiteIndex(0), &share)], 3).is_none());
    }
}
