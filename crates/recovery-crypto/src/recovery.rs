//! Rebuilding the secret from the sites' answers, some of which may be lies.

use crate::derive::{Context, VaultKey};
use crate::oprf::Blinded;
use crate::registration::{NO_SHARE, xor};
use crate::sharing::{self, Share};
use subtle::ConstantTimeEq;
use vault_protocol::{AccountId, Bundle, Point, SiteIndex, Version};
use zeroize::Zeroizing;

/// One site's answer to an evaluation.
#[derive(Clone, Debug)]
pub struct ShareAnswer {
    pub site: SiteIndex,
    /// u_i * k_i * alpha.
    pub beta: Point,
    pub masked_share: [u8; 32],
    pub commitment: [u8; 32],
}

/// A recovery that worked.
pub struct Opened {
    pub vault_key: VaultKey,
    /// Tag for each site of the fleet, to confirm with.
    pub tags: Vec<(SiteIndex, Zeroizing<[u8; 32]>)>,
    /// Sites whose answers made up the secret.
    pub used: Vec<SiteIndex>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoverError {
    #[error("{got} sites answered, {need} are needed")]
    TooFewSites { got: usize, need: usize },
    /// No set of answers opens: a wrong code, or too many lying sites.
    #[error("the code is wrong")]
    WrongCode,
}

/// Rebuilds the secret from at least t answers that agree on a commitment, trying every set of t until one opens it.
///
/// At most C(7,4) = 35 sets. With fewer that agree nothing is known about the code: `TooFewSites`, not `WrongCode`.
pub fn recover(
    bundle: &Bundle,
    account: AccountId,
    version: Version,
    blinded: &Blinded,
    answers: &[ShareAnswer],
) -> Result<Opened, RecoverError> {
    let context = Context { fleet: bundle.fleet_id, epoch: bundle.keys_since(), account, version };
    let need = usize::from(bundle.threshold);
    let group = largest_agreement(answers);
    if group.len() < need {
        return Err(RecoverError::TooFewSites { got: group.len(), need });
    }
    let shares: Vec<Unmasked> = group.into_iter().filter_map(|a| unmask(&context, blinded, a)).collect();
    let opened = subsets(shares.len(), need).find_map(|set| open(&context, &shares, &set));
    let (secret, used) = opened.ok_or(RecoverError::WrongCode)?;
    let tags = bundle.sites.iter().map(|s| (s.index, context.unlock_tag(&secret, s.index))).collect();
    Ok(Opened { vault_key: context.vault_key(&secret), tags, used })
}

/// The answers that name the same commitment, most of them. A set of t that opens must agree on it, so an answer that
/// stands alone says nothing about the code; [`NO_SHARE`] is a box without a share.
fn largest_agreement(answers: &[ShareAnswer]) -> Vec<&ShareAnswer> {
    let usable = || answers.iter().filter(|a| a.commitment != NO_SHARE);
    let agreeing = |with: &ShareAnswer| usable().filter(|a| a.commitment == with.commitment).collect::<Vec<_>>();
    usable().map(agreeing).max_by_key(Vec::len).unwrap_or_default()
}

struct Unmasked {
    site: SiteIndex,
    share: Share,
    commitment: [u8; 32],
}

/// None when the site's point is not one.
fn unmask(context: &Context, blinded: &Blinded, answer: &ShareAnswer) -> Option<Unmasked> {
    let rho = blinded.finalize(&answer.beta).ok()?;
    let mask = context.share_mask(&rho, answer.site);
    let share = Zeroizing::new(xor(&answer.masked_share, &mask));
    Some(Unmasked { site: answer.site, share, commitment: answer.commitment })
}

/// The set's secret, if it opens the commitment that every member of the set named.
fn open(context: &Context, shares: &[Unmasked], set: &[usize]) -> Option<(Share, Vec<SiteIndex>)> {
    let members = || set.iter().map(|i| &shares[*i]);
    let picked: Vec<_> = members().map(|u| (u.site, &u.share)).collect();
    let secret = sharing::combine(&picked)?;
    let commitment = context.commitment(&secret);
    let fits = members().all(|u| bool::from(u.commitment.ct_eq(&commitment)));
    fits.then(|| (secret, members().map(|u| u.site).collect()))
}

/// All sets of `k` out of `0..n`, in order.
pub(crate) fn subsets(n: usize, k: usize) -> impl Iterator<Item = Vec<usize>> {
    (0u32..1 << n.min(16))
        .filter(move |mask| mask.count_ones() as usize == k)
        .map(move |mask| (0..n).filter(|i| mask & (1 << i) != 0).collect())
}
