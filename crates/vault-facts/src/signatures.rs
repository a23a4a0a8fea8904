//! Verification of signatures, as a port: a model of the protocol replaces it by something cheaper.

use ed25519_dalek::VerifyingKey as EdwardsKey;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature as EcdsaSignature, VerifyingKey as EcdsaKey};
use vault_protocol::{Point, Signature64};

/// Whether signatures hold.
pub trait Signatures: Send + Sync {
    /// Strict Ed25519 (RFC 8032, no small-order keys): everybody agrees on every signature.
    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &Signature64) -> bool;

    /// ECDSA P-256 with SHA-256, `r || s`.
    fn ecdsa(&self, key: &Point, message: &[u8], signature: &Signature64) -> bool;
}

/// The signatures of the specification.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealSignatures;

impl Signatures for RealSignatures {
    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &Signature64) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        EdwardsKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }

    fn ecdsa(&self, key: &Point, message: &[u8], signature: &Signature64) -> bool {
        let key = EcdsaKey::from_sec1_bytes(&key.0);
        let signature = EcdsaSignature::from_slice(&signature.0);
        match (key, signature) {
            (Ok(key), Ok(signature)) => key.verify(message, &signature).is_ok(),
            _ => false,
        }
    }
}
