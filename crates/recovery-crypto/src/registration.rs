//! Making a record: one code, a box for each site that evaluated it.

use crate::derive::{CodeContext, VaultKey};
use crate::multiplier::multiplier;
use crate::oprf::{self, Blinded, OprfError};
use crate::sealing::{SealError, seal_box};
use crate::sharing::Polynomial;
use rand_core::CryptoRngCore;
use vault_protocol::{
    AccessKey, AccessOpening, BoxContents, Bundle, Claim, CodeParameters, DeviceBox, Point, Policy,
    Record, Sealed, Site, SiteIndex, Version, box_info, boxes_digest,
};
use zeroize::Zeroizing;

/// Everything about a registration that is not secret.
pub struct Registration<'a> {
    /// The fleet.
    pub bundle: &'a Bundle,
    /// Whose account it is.
    pub claim: Claim,
    /// Of the code, from 1.
    pub version: Version,
    /// Signs tries of this code.
    pub access: AccessKey,
    /// How the code was stretched.
    pub parameters: CodeParameters,
    /// What the owner allows.
    pub policy: Policy,
}

/// What a registration makes: the record for the owner to sign, what sites alone hold, and the key
/// that the code will bring back.
pub struct Registered {
    /// For the owner to sign.
    pub record: Record,
    /// For the sites alone.
    pub sealed: Sealed,
    /// What the code brings back.
    pub vault_key: VaultKey,
}

/// Why no record was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// A registration with fewer boxes could not be recovered.
    #[error("{got} sites evaluated the code, {need} are needed")]
    TooFewSites {
        /// Different sites that evaluated.
        got: usize,
        /// t.
        need: usize,
    },
    /// Its evaluation or its key in the bundle is wrong.
    #[error("site {site}: {reason}")]
    Site {
        /// Which site.
        site: SiteIndex,
        /// For an engineer.
        reason: String,
    },
}

impl Registration<'_> {
    /// Seals a fresh secret so that `blinded`'s input opens it, from the sites' evaluations
    /// k_i * alpha, which the caller has checked ([`oprf::Check`]).
    ///
    /// A site without an evaluation gets no box: at least the threshold must be here, of different
    /// sites.
    ///
    /// # Errors
    /// [`RegistrationError`]
    pub fn seal(
        &self,
        blinded: &Blinded,
        betas: &[(SiteIndex, Point)],
        rng: &mut impl CryptoRngCore,
    ) -> Result<Registered, RegistrationError> {
        let need = usize::from(self.bundle.threshold);
        let evaluated = |site: &&Site| betas.iter().any(|(index, _)| *index == site.index);
        let got = self.bundle.sites.iter().filter(evaluated).count();
        let too_few = RegistrationError::TooFewSites { got, need };
        if got < need {
            return Err(too_few);
        }
        let sites = u8::try_from(self.bundle.sites.len()).unwrap_or(u8::MAX);
        let polynomial = Polynomial::random(self.bundle.threshold, sites, rng).ok_or(too_few)?;
        let mut boxes = Vec::with_capacity(betas.len());
        for site in &self.bundle.sites {
            if let Some((_, beta)) = betas.iter().find(|(index, _)| *index == site.index) {
                boxes.push(self.seal_for(site, beta, &polynomial, blinded, rng)?);
            }
        }
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let access = AccessOpening { salt, key: self.access };
        let record = self.record(&access, &boxes, &polynomial);
        let vault_key = self.context().vault_key(&polynomial);
        Ok(Registered { record, sealed: Sealed { access, boxes }, vault_key })
    }

    fn seal_for(
        &self,
        site: &Site,
        beta: &Point,
        polynomial: &Polynomial,
        blinded: &Blinded,
        rng: &mut impl CryptoRngCore,
    ) -> Result<DeviceBox, RegistrationError> {
        let context = self.context();
        let failed = |reason: String| RegistrationError::Site { site: site.index, reason };
        let device = site.device().ok_or_else(|| failed("it has no device".into()))?;
        let share = polynomial.share(site.index).ok_or_else(|| failed("it has no share".into()))?;
        let tag = context.unlock_tag(polynomial, site.index);
        let rho = person_output(blinded, &tag, beta).map_err(|e| failed(e.to_string()))?;
        let mask = context.share_mask(&rho, site.index);
        let contents = BoxContents { masked_share: xor(&share, &mask), tag: *tag };
        let CodeContext { keys, account, version } = context;
        let info = box_info(&keys, &account, version, site.index, device.serial);
        let sealed = seal_box(&device.seal_key, &info, &contents, rng);
        let sealed = sealed.map_err(|e: SealError| failed(e.to_string()))?;
        Ok(DeviceBox { site: site.index, serial: device.serial, sealed })
    }

    fn context(&self) -> CodeContext {
        CodeContext {
            keys: self.bundle.keys_digest(),
            account: self.claim.account(),
            version: self.version,
        }
    }

    fn record(
        &self,
        access: &AccessOpening,
        boxes: &[DeviceBox],
        polynomial: &Polynomial,
    ) -> Record {
        Record {
            claim: self.claim,
            version: self.version,
            keys: self.bundle.keys_digest(),
            access: access.commitment(),
            parameters: self.parameters,
            policy: self.policy,
            commitment: self.context().commitment(polynomial),
            boxes: boxes_digest(boxes),
        }
    }
}

/// Output of the person's own function u_i * k_i, from k_i * alpha.
fn person_output(
    blinded: &Blinded,
    tag: &[u8; 32],
    beta: &Point,
) -> Result<Zeroizing<[u8; 32]>, OprfError> {
    blinded.finalize(&oprf::multiply(&multiplier(tag), beta)?)
}

pub(crate) fn xor(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|i| a[i] ^ b[i])
}
