//! Keys from secrets, each under its own label (HKDF-SHA256, RFC 5869).

use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;
use vault_protocol::{AccountId, FleetId, SiteIndex, Version, labelled};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What a right code opens: wraps the backup key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct VaultKey([u8; 32]);

impl VaultKey {
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for VaultKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultKey(…)")
    }
}

/// One registration of one account with one generation of a fleet's keys, named by its first epoch.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    pub fleet: FleetId,
    pub epoch: u64,
    pub account: AccountId,
    pub version: Version,
}

impl Context {
    /// Hides site i's share: only whoever evaluates the code at that site can take it off.
    pub fn share_mask(&self, rho: &[u8; 32], site: SiteIndex) -> Zeroizing<[u8; 32]> {
        self.expand(rho, "share-mask", &[site.0])
    }

    pub fn vault_key(&self, secret: &[u8; 32]) -> VaultKey {
        VaultKey(*self.expand(secret, "vault-key", &[]))
    }

    /// Proves to site i that the secret was rebuilt.
    pub fn unlock_tag(&self, secret: &[u8; 32], site: SiteIndex) -> Zeroizing<[u8; 32]> {
        self.expand(secret, "unlock-tag", &[site.0])
    }

    pub fn commitment(&self, secret: &[u8; 32]) -> [u8; 32] {
        *self.expand(secret, "commitment", &[])
    }

    fn expand(&self, secret: &[u8; 32], label: &str, site: &[u8]) -> Zeroizing<[u8; 32]> {
        let (epoch, version) = (self.epoch.to_be_bytes(), self.version.to_be_bytes());
        let info = labelled(label, &[&self.fleet.0, &epoch, &self.account.0, &version, site]);
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, secret).expand(&info, &mut *out).expect("32 bytes is within HKDF's limit");
        out
    }
}
