//! The secret that a fleet releases to a passkey: dealt to the sites in boxes, rebuilt from their
//! shares.
//!
//! No oblivious function here: a site releases its share to a passkey that it verified, and what is
//! rebuilt opens nothing without the passkey's own PRF output (spec/passkey-release.md).

use crate::derive::expand;
use crate::sealing::{SealError, seal_passkey_box};
use crate::sharing::{Match, Polynomial, Share, find};
use rand_core::CryptoRngCore;
use subtle::ConstantTimeEq;
use vault_protocol::{
    AccountId, Bundle, DeviceBox, PasskeyShare, Site, SiteIndex, labelled, passkey_box_info,
};
use zeroize::Zeroizing;

/// Half of an unlock key; the PRF output is the other.
pub type ReleasedSecret = Zeroizing<[u8; 32]>;

/// Whose boxes they are.
#[derive(Clone, Copy)]
pub struct PasskeyContext<'a> {
    /// The fleet to which it is dealt.
    pub bundle: &'a Bundle,
    /// Whose passkey it is.
    pub account: AccountId,
    /// The id that WebAuthn gave it.
    pub credential: &'a [u8],
}

/// A fresh secret in the hands of its sites.
pub struct Dealt {
    /// Half of an unlock key.
    pub secret: ReleasedSecret,
    /// To the one polynomial that all shares lie on.
    pub commitment: [u8; 32],
    /// One for each site, in the order of the bundle.
    pub boxes: Vec<DeviceBox>,
}

/// One site's answer to an assertion.
#[derive(Clone)]
pub struct ReleasedShare {
    /// Who released it.
    pub site: SiteIndex,
    /// Not believed: it may be a lie.
    pub share: Zeroizing<[u8; 32]>,
}

/// A rebuilt secret, and who told the truth.
pub struct Rebuilt {
    /// What was dealt.
    pub secret: ReleasedSecret,
    /// Sites whose shares lie on the polynomial.
    pub used: Vec<SiteIndex>,
    /// Sites whose shares do not: each of them lied, or its device is broken.
    pub liars: Vec<SiteIndex>,
}

/// Deals a fresh secret: one box for each site, any t of which open it.
///
/// # Errors
/// A site's key in the bundle is not a point.
pub fn deal(
    context: &PasskeyContext<'_>,
    rng: &mut impl CryptoRngCore,
) -> Result<Dealt, SealError> {
    let threshold = context.bundle.threshold;
    let polynomial =
        Polynomial::random(threshold, context.sites(), rng).ok_or(SealError::BadKey)?;
    let seal = |site: &Site| {
        let share = polynomial.share(site.index).ok_or(SealError::BadKey)?;
        context.seal_for(site, &share, rng)
    };
    let boxes = context.bundle.sites.iter().map(seal).collect::<Result<_, _>>()?;
    let commitment = context.commitment(&polynomial);
    Ok(Dealt { secret: polynomial.secret(), commitment, boxes })
}

/// Rebuilds the secret from t shares on the polynomial that the owner's roster commits to: a lying
/// site cannot spoil it, and is found. `None`: no set fits, or there are too few.
pub fn rebuild(
    context: &PasskeyContext<'_>,
    commitment: &[u8; 32],
    shares: &[ReleasedShare],
) -> Option<Rebuilt> {
    let shares: Vec<_> = shares.iter().map(|s| (s.site, Some(s.share.clone()))).collect();
    let fits = |p: &Polynomial| context.commitment(p).ct_eq(commitment).into();
    let found = find(&shares, context.bundle.threshold, context.sites(), fits)?;
    let Match { polynomial, used, liars } = found;
    Some(Rebuilt { secret: polynomial.secret(), used, liars })
}

impl PasskeyContext<'_> {
    fn sites(&self) -> u8 {
        u8::try_from(self.bundle.sites.len()).unwrap_or(u8::MAX)
    }

    fn seal_for(
        &self,
        site: &Site,
        share: &Share,
        rng: &mut impl CryptoRngCore,
    ) -> Result<DeviceBox, SealError> {
        let device = site.device().ok_or(SealError::BadKey)?;
        let keys = self.bundle.keys_digest();
        let info =
            passkey_box_info(&keys, &self.account, self.credential, site.index, device.serial);
        let sealed = seal_passkey_box(&device.seal_key, &info, &PasskeyShare(**share), rng)?;
        Ok(DeviceBox { site: site.index, serial: device.serial, sealed })
    }

    fn commitment(&self, polynomial: &Polynomial) -> [u8; 32] {
        let keys = self.bundle.keys_digest();
        let info = labelled("passkey-commitment", &[&keys.0, &self.account.0, self.credential]);
        *expand(&polynomial.bytes(), &info)
    }
}
