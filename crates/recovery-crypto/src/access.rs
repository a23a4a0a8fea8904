//! The key that an account's tries are signed with.
//!
//! A generated code's is derived from the code *and* a secret of the repository header: neither the
//! sites, who have no header, nor the store, which has no code, can spend a try or test a code. An
//! own code's is random and stands in the header itself.

use crate::derive::{CodeContext, expand};
use ed25519_dalek::{Signer as _, SigningKey};
use std::fmt;
use vault_protocol::{AccessKey, Signature64, labelled};
use zeroize::Zeroizing;

/// Signs tries. Wiped when dropped.
pub struct AccessSigner(SigningKey);

impl AccessSigner {
    /// Of a generated code: from the stretched code and the header's secret.
    pub fn of_generated_code(context: &CodeContext, stretched: &[u8], secret: &[u8; 32]) -> Self {
        let CodeContext { keys, account, version } = context;
        let version = version.to_be_bytes();
        let info = labelled("access-key", &[&keys.0, &account.0, &version]);
        let both = Zeroizing::new([secret.as_slice(), stretched].concat());
        Self(SigningKey::from_bytes(&expand(&both, &info)))
    }

    /// Of an own code: the header's secret is its seed (RFC 8032).
    pub fn of_own_code(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// Ed25519 public key: sites know it, and no backup has it.
    pub fn public(&self) -> AccessKey {
        AccessKey(self.0.verifying_key().to_bytes())
    }

    /// Ed25519 (RFC 8032).
    pub fn sign(&self, message: &[u8]) -> Signature64 {
        Signature64(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for AccessSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessSigner(…)")
    }
}
