//! The secret that a fleet releases to a passkey: dealt to the sites in boxes, rebuilt from their shares.
//!
//! No oblivious function here: a site releases its share to a passkey that it verified, and what is rebuilt opens
//! nothing without the passkey's own PRF output (spec/passkey-release.md).

use crate::recovery::subsets;
use crate::sealing::{SealError, seal_passkey_box};
use crate::sharing::{self, Share};
use hkdf::Hkdf;
use rand_core::CryptoRngCore;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use vault_protocol::{AccountId, Bundle, PasskeyBoxContents, SealedBox, Site, SiteIndex, labelled, passkey_box_info};
use zeroize::Zeroizing;

/// Half of an unlock key; the PRF output is the other.
pub type ReleasedSecret = Zeroizing<[u8; 32]>;

/// Whose boxes they are.
#[derive(Clone, Copy)]
pub struct PasskeyContext<'a> {
    pub bundle: &'a Bundle,
    pub account: AccountId,
    pub credential: &'a [u8],
}

/// One site's answer to an assertion.
#[derive(Clone)]
pub struct ReleasedShare {
    pub site: SiteIndex,
    pub share: Zeroizing<[u8; 32]>,
    pub commitment: [u8; 32],
}

/// Deals a fresh secret: one box for each site, any t of which open it.
///
/// # Errors
/// A site's key in the bundle is not a point.
pub fn deal(
    context: &PasskeyContext<'_>,
    rng: &mut impl CryptoRngCore,
) -> Result<(ReleasedSecret, Vec<SealedBox>), SealError> {
    let mut secret = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *secret);
    let sites = u8::try_from(context.bundle.sites.len()).unwrap_or(u8::MAX);
    let shares = sharing::split(&secret, context.bundle.threshold, sites, rng).ok_or(SealError::BadKey)?;
    let commitment = context.commitment(&secret);
    let seal_one = |(site, share): (&Site, &Share)| context.seal_for(site, share, commitment, rng);
    let boxes = context.bundle.sites.iter().zip(&shares).map(seal_one).collect::<Result<_, _>>()?;
    Ok((secret, boxes))
}

/// Rebuilds the secret from t shares that fit one commitment, trying every set of t: a lying site cannot spoil it.
/// `None`: no set fits, or there are too few.
pub fn rebuild(context: &PasskeyContext<'_>, shares: &[ReleasedShare]) -> Option<(ReleasedSecret, Vec<SiteIndex>)> {
    let need = usize::from(context.bundle.threshold);
    subsets(shares.len(), need).find_map(|set| context.open(&set.iter().map(|i| &shares[*i]).collect::<Vec<_>>()))
}

impl PasskeyContext<'_> {
    fn seal_for(
        &self,
        site: &Site,
        share: &Share,
        commitment: [u8; 32],
        rng: &mut impl CryptoRngCore,
    ) -> Result<SealedBox, SealError> {
        let device = site.device().ok_or(SealError::BadKey)?;
        let contents = PasskeyBoxContents { share: **share, commitment };
        let epoch = self.bundle.keys_since();
        let info = passkey_box_info(&self.bundle.fleet_id, epoch, &self.account, self.credential, site.index);
        seal_passkey_box(&device.seal_key, &info, &contents, rng)
    }

    fn open(&self, set: &[&ReleasedShare]) -> Option<(ReleasedSecret, Vec<SiteIndex>)> {
        let picked: Vec<_> = set.iter().map(|s| (s.site, &s.share)).collect();
        let secret = sharing::combine(&picked)?;
        let commitment = self.commitment(&secret);
        let fits = set.iter().all(|s| bool::from(s.commitment.ct_eq(&commitment)));
        fits.then(|| (secret, set.iter().map(|s| s.site).collect()))
    }

    fn commitment(&self, secret: &[u8; 32]) -> [u8; 32] {
        let epoch = self.bundle.keys_since().to_be_bytes();
        let fields: [&[u8]; 4] = [&self.bundle.fleet_id.0, &epoch, &self.account.0, self.credential];
        let mut out = [0; 32];
        let info = labelled("passkey-commitment", &fields);
        Hkdf::<Sha256>::new(None, secret).expand(&info, &mut out).expect("32 bytes is within HKDF's limit");
        out
    }
}
