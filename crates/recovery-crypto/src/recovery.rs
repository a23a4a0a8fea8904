//! Rebuilding the secret from the sites' answers, some of which may be lies.

use crate::derive::{CodeContext, VaultKey};
use crate::oprf::Blinded;
use crate::registration::xor;
use crate::sharing::{Polynomial, Share, subsets};
use subtle::ConstantTimeEq;
use vault_protocol::{Bundle, Point, Record, SiteIndex};
use zeroize::Zeroizing;

/// One site's answer to an evaluation.
#[derive(Clone, Debug)]
pub struct ShareAnswer {
    pub site: SiteIndex,
    /// u_i * k_i * alpha.
    pub beta: Point,
    pub masked_share: [u8; 32],
}

/// A recovery that worked.
pub struct Opened {
    pub vault_key: VaultKey,
    /// Tag for each site of the fleet, to confirm with.
    pub tags: Vec<(SiteIndex, Zeroizing<[u8; 32]>)>,
    /// Sites whose answers lie on the polynomial.
    pub used: Vec<SiteIndex>,
    /// Sites whose answers do not: each of them lied, or its device is broken.
    pub liars: Vec<SiteIndex>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoverError {
    #[error("{got} sites answered, {need} are needed")]
    TooFewSites { got: usize, need: usize },
    /// No set of answers opens: a wrong code, or too many lying sites.
    #[error("the code is wrong")]
    WrongCode,
}

/// Rebuilds the secret from at least t answers: those that lie on the one polynomial that the owner
/// signed in `record`. At most C(7,4) = 35 sets are tried.
///
/// # Errors
/// [`RecoverError`]
pub fn recover(
    bundle: &Bundle,
    record: &Record,
    blinded: &Blinded,
    answers: &[ShareAnswer],
) -> Result<Opened, RecoverError> {
    let context = CodeContext { keys: record.keys, account: record.account(), version: record.version };
    let need = usize::from(bundle.threshold);
    let sites = u8::try_from(bundle.sites.len()).unwrap_or(u8::MAX);
    let shares: Vec<_> = answers.iter().filter_map(|a| unmask(&context, blinded, a)).collect();
    if shares.len() < need {
        return Err(RecoverError::TooFewSites { got: shares.len(), need });
    }
    let opened = subsets(shares.len(), need).find_map(|set| {
        let picked: Vec<_> = set.iter().map(|i| (shares[*i].0, &shares[*i].1)).collect();
        let polynomial = Polynomial::through(&picked, sites)?;
        let fits = context.commitment(&polynomial).ct_eq(&record.commitment);
        bool::from(fits).then_some(polynomial)
    });
    let polynomial = opened.ok_or(RecoverError::WrongCode)?;
    let lies_on = |(site, share): &&(SiteIndex, Share)| {
        polynomial.share(*site).is_some_and(|right| bool::from(right.ct_eq(&**share)))
    };
    let (used, liars): (Vec<_>, Vec<_>) = shares.iter().partition(lies_on);
    let tag = |site: SiteIndex| (site, context.unlock_tag(&polynomial, site));
    Ok(Opened {
        vault_key: context.vault_key(&polynomial),
        tags: bundle.sites.iter().map(|s| tag(s.index)).collect(),
        used: used.iter().map(|(site, _)| *site).collect(),
        liars: liars.iter().map(|(site, _)| *site).collect(),
    })
}

/// None when the site's point is not one.
fn unmask(context: &CodeContext, blinded: &Blinded, answer: &ShareAnswer) -> Option<(SiteIndex, Share)> {
    let rho = blinded.finalize(&answer.beta).ok()?;
    let mask = context.share_mask(&rho, answer.site);
    Some((answer.site, Zeroizing::new(xor(&answer.masked_share, &mask))))
}
