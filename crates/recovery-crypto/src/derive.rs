//! Keys from secrets, each under its own label (HKDF-SHA256, RFC 5869).

use crate::sharing::Polynomial;
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;
use vault_protocol::{AccountId, KeysDigest, SiteIndex, Version, labelled};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What a right code opens: wraps the backup key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct VaultKey([u8; 32]);

impl VaultKey {
    /// For the one function that needs the bytes.
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

/// One registration of one account with one fleet's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeContext {
    /// Of the fleet.
    pub keys: KeysDigest,
    /// Whose code it is.
    pub account: AccountId,
    /// Of the code.
    pub version: Version,
}

impl CodeContext {
    /// Hides site i's share: only whoever evaluates the code at that site can take it off.
    pub(crate) fn share_mask(&self, rho: &[u8; 32], site: SiteIndex) -> Zeroizing<[u8; 32]> {
        self.expand(rho, "share-mask", &[site.0])
    }

    pub(crate) fn vault_key(&self, polynomial: &Polynomial) -> VaultKey {
        VaultKey(*self.expand(polynomial.secret().as_ref(), "vault-key", &[]))
    }

    /// Shows site i that the secret was rebuilt.
    pub(crate) fn unlock_tag(
        &self,
        polynomial: &Polynomial,
        site: SiteIndex,
    ) -> Zeroizing<[u8; 32]> {
        self.expand(polynomial.secret().as_ref(), "unlock-tag", &[site.0])
    }

    /// To the whole polynomial, not to its secret alone: else whoever makes all shares could let
    /// different sets of sites open for different codes (spec/vault-protocol.md section 8).
    pub(crate) fn commitment(&self, polynomial: &Polynomial) -> [u8; 32] {
        *self.expand(&polynomial.bytes(), "commitment", &[])
    }

    fn expand(&self, secret: &[u8], label: &str, site: &[u8]) -> Zeroizing<[u8; 32]> {
        let version = self.version.to_be_bytes();
        let info = labelled(label, &[&self.keys.0, &self.account.0, &version, site]);
        expand(secret, &info)
    }
}

/// HKDF-SHA256 without salt, 32 bytes.
pub(crate) fn expand(secret: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(None, secret).expand(info, &mut *out);
    expanded.expect("32 bytes is within HKDF's limit");
    out
}
