//! Making a record: one code, n boxes.

use crate::derive::{Context, VaultKey};
use crate::oprf::{self, Blinded, OprfError};
use crate::sealing::{SealError, seal_box};
use crate::sharing::{self, Share};
use rand_core::CryptoRngCore;
use vault_protocol::{
    AccountId, BoxContents, Bundle, CodeParameters, OwnerKey, Point, Policy, Record, SealedBox, Site, SiteIndex,
    Version, box_info,
};
use zeroize::Zeroizing;

/// Commitment of a box that holds no share, because its site was away at the registration: it counts as silent in a
/// recovery, so that its answer is never taken for a sign of a wrong code.
pub(crate) const NO_SHARE: [u8; 32] = [0; 32];

/// Everything about a registration that is not secret.
pub struct Registration<'a> {
    pub bundle: &'a Bundle,
    pub account: AccountId,
    pub version: Version,
    pub owner: OwnerKey,
    pub parameters: CodeParameters,
    pub policy: Policy,
}

/// What a registration makes: the record to store, and the key that the code will bring back.
pub struct Registered {
    pub record: Record,
    pub vault_key: VaultKey,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    #[error("{got} sites evaluated the code, {need} are needed")]
    TooFewSites { got: usize, need: usize },
    #[error("site {site}: {reason}")]
    Site { site: SiteIndex, reason: String },
}

impl Registration<'_> {
    /// Seals a fresh secret so that `blinded`'s input opens it, from the sites' evaluations k_i * alpha.
    ///
    /// A site without an evaluation gets a box whose share cannot be unmasked, so a later recovery counts on the
    /// others: at least the threshold must be here.
    pub fn seal(
        &self,
        blinded: &Blinded,
        betas: &[(SiteIndex, Point)],
        rng: &mut impl CryptoRngCore,
    ) -> Result<Registered, RegistrationError> {
        let need = usize::from(self.bundle.threshold);
        if betas.len() < need {
            return Err(RegistrationError::TooFewSites { got: betas.len(), need });
        }
        let secret = random_bytes(rng);
        let sites = u8::try_from(self.bundle.sites.len()).unwrap_or(u8::MAX);
        let shares = sharing::split(&secret, self.bundle.threshold, sites, rng)
            .ok_or(RegistrationError::TooFewSites { got: betas.len(), need })?;
        let seal_one = |(site, share): (&Site, &Share)| {
            let beta = betas.iter().find(|(i, _)| *i == site.index).map(|(_, b)| b);
            self.seal_for(site, share, beta, &secret, blinded, rng)
        };
        let boxes = self.bundle.sites.iter().zip(&shares).map(seal_one).collect::<Result<_, _>>()?;
        Ok(Registered { record: self.record(boxes), vault_key: self.context().vault_key(&secret) })
    }

    fn seal_for(
        &self,
        site: &Site,
        share: &Share,
        beta: Option<&Point>,
        secret: &[u8; 32],
        blinded: &Blinded,
        rng: &mut impl CryptoRngCore,
    ) -> Result<SealedBox, RegistrationError> {
        let context = self.context();
        let failed = |reason: String| RegistrationError::Site { site: site.index, reason };
        let device = site.device().ok_or_else(|| failed("it has no device".into()))?;
        let multiplier: Zeroizing<[u8; 32]> = Zeroizing::new(p256::SecretKey::random(rng).to_bytes().into());
        let (mask, commitment) = match beta {
            Some(beta) => {
                let rho = person_output(blinded, &multiplier, beta).map_err(|e| failed(e.to_string()))?;
                (context.share_mask(&rho, site.index), context.commitment(secret))
            }
            None => (random_bytes(rng), NO_SHARE),
        };
        let contents = BoxContents {
            multiplier: *multiplier,
            masked_share: xor(share, &mask),
            tag: *context.unlock_tag(secret, site.index),
            commitment,
            max_tries: self.policy.max_tries,
        };
        let info = box_info(&context.fleet, context.epoch, &context.account, context.version, site.index);
        seal_box(&device.seal_key, &info, &contents, rng).map_err(|e: SealError| failed(e.to_string()))
    }

    fn context(&self) -> Context {
        let Registration { bundle, account, version, .. } = *self;
        Context { fleet: bundle.fleet_id, epoch: bundle.keys_since(), account, version }
    }

    fn record(&self, boxes: Vec<SealedBox>) -> Record {
        Record {
            account: self.account,
            version: self.version,
            epoch: self.bundle.keys_since(),
            owner: self.owner,
            parameters: self.parameters,
            policy: self.policy,
            boxes,
        }
    }
}

/// Output of the person's own function u_i * k_i, from k_i * alpha.
fn person_output(blinded: &Blinded, multiplier: &[u8; 32], beta: &Point) -> Result<Zeroizing<[u8; 32]>, OprfError> {
    blinded.finalize(&oprf::multiply(multiplier, beta)?)
}

fn random_bytes(rng: &mut impl CryptoRngCore) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *out);
    out
}

pub(crate) fn xor(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|i| a[i] ^ b[i])
}
