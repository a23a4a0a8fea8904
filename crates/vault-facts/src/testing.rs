//! Signatures that anyone could forge, so that a model can try millions of schedules: whoever
//! writes a model does not let an adversary forge.

use crate::Signatures;
use sha2::{Digest, Sha256};
use vault_protocol::{Point, Signature64};

/// A signature is a hash over the public key and the message.
#[derive(Clone, Copy, Debug, Default)]
pub struct SymbolicSignatures;

impl SymbolicSignatures {
    /// Signs as whoever has the private half of `key`.
    pub fn sign(key: &[u8], message: &[u8]) -> Signature64 {
        let half: [u8; 32] =
            Sha256::new().chain_update(key).chain_update(message).finalize().into();
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&half);
        Signature64(signature)
    }
}

impl Signatures for SymbolicSignatures {
    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &Signature64) -> bool {
        Self::sign(key, message) == *signature
    }

    fn ecdsa(&self, key: &Point, message: &[u8], signature: &Signature64) -> bool {
        Self::sign(&key.0, message) == *signature
    }
}
