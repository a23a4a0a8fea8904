//! Rebuilding the secret from the sites' answers, some of which may be lies.

use crate::derive::{CodeContext, VaultKey};
use crate::oprf::Blinded;
use crate::registration::xor;
use crate::sharing::{Match, Polynomial, Share, find, first_of_each_site};
use subtle::ConstantTimeEq;
use vault_protocol::{Bundle, Point, Record, SiteIndex};
use zeroize::Zeroizing;

/// One site's answer to an evaluation.
#[derive(Clone, Debug)]
pub struct ShareAnswer {
    /// Who answered.
    pub site: SiteIndex,
    /// u_i * k_i * alpha.
    pub beta: Point,
    /// e_i, from the site's box.
    pub masked_share: [u8; 32],
}

/// A recovery that worked.
pub struct Opened {
    /// The key that was registered.
    pub vault_key: VaultKey,
    /// Tag for each site of the fleet, to confirm with.
    pub tags: Vec<(SiteIndex, Zeroizing<[u8; 32]>)>,
    /// Sites whose answers lie on the polynomial.
    pub used: Vec<SiteIndex>,
    /// Sites whose answers do not: each of them lied, or its device is broken.
    pub liars: Vec<SiteIndex>,
}

/// Why nothing was rebuilt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoverError {
    /// So many sites answered with what could be a share.
    #[error("{got} sites answered, {need} are needed")]
    TooFewSites {
        /// Different sites that answered.
        got: usize,
        /// t.
        need: usize,
    },
    /// No set of answers opens: a wrong code, or too many lying sites.
    #[error("the code is wrong")]
    WrongCode,
}

/// Rebuilds the secret from at least t answers: those that lie on the one polynomial that the owner
/// signed in `record`. All others are lies, whatever they would open among themselves.
///
/// # Errors
/// [`RecoverError`]
pub fn recover(
    bundle: &Bundle,
    record: &Record,
    blinded: &Blinded,
    answers: &[ShareAnswer],
) -> Result<Opened, RecoverError> {
    let context =
        CodeContext { keys: record.keys, account: record.account(), version: record.version };
    let sites = u8::try_from(bundle.sites.len()).unwrap_or(u8::MAX);
    let shares: Vec<_> = answers.iter().map(|a| (a.site, unmask(&context, blinded, a))).collect();
    let need = usize::from(bundle.threshold);
    let got = first_of_each_site(&shares, sites).iter().filter(|(_, s)| s.is_some()).count();
    if got < need {
        return Err(RecoverError::TooFewSites { got, need });
    }
    let fits = |p: &Polynomial| context.commitment(p).ct_eq(&record.commitment).into();
    let found = find(&shares, bundle.threshold, sites, fits).ok_or(RecoverError::WrongCode)?;
    let Match { polynomial, used, liars } = found;
    let tag = |site: SiteIndex| (site, context.unlock_tag(&polynomial, site));
    Ok(Opened {
        vault_key: context.vault_key(&polynomial),
        tags: bundle.sites.iter().map(|s| tag(s.index)).collect(),
        used,
        liars,
    })
}

/// None when the site's point is not one.
fn unmask(context: &CodeContext, blinded: &Blinded, answer: &ShareAnswer) -> Option<Share> {
    let rho = blinded.finalize(&answer.beta).ok()?;
    let mask = context.share_mask(&rho, answer.site);
    Some(Zeroizing::new(xor(&answer.masked_share, &mask)))
}
