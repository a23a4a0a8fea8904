//! Private keys, of two kinds.

use ed25519_dalek::{Signer as _, SigningKey};
use p256::ecdsa::{Signature, SigningKey as EcdsaKey};
use vault_facts::testing::SymbolicSignatures;
use vault_protocol::{Point, Signature64};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    Real,
    /// Private keys are public.
    Symbolic,
}

impl Keys {
    pub(crate) fn person(self, name: u8) -> Person {
        Person { kind: self, seed: [name; 32] }
    }

    pub(crate) fn device(self, fleet: u8, site: u8) -> Device {
        let mut seed = [fleet; 32];
        seed[31] = site;
        Device { kind: self, seed }
    }
}

/// Holds an Ed25519 key.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    kind: Keys,
    seed: [u8; 32],
}

impl Person {
    pub(crate) fn public(&self) -> [u8; 32] {
        match self.kind {
            Keys::Real => SigningKey::from_bytes(&self.seed).verifying_key().to_bytes(),
            Keys::Symbolic => self.seed,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature64 {
        match self.kind {
            Keys::Real => Signature64(SigningKey::from_bytes(&self.seed).sign(message).to_bytes()),
            Keys::Symbolic => SymbolicSignatures::sign(&self.seed, message),
        }
    }
}

/// Holds a P-256 key.
#[derive(Clone, Copy)]
pub(crate) struct Device {
    kind: Keys,
    seed: [u8; 32],
}

impl Device {
    pub(crate) fn public(&self) -> Point {
        match self.kind {
            Keys::Real => {
                let key = *self.ecdsa().verifying_key();
                Point::from_slice(key.to_encoded_point(false).as_bytes()).unwrap()
            }
            Keys::Symbolic => Point([self.seed[31]; 65]),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature64 {
        match self.kind {
            Keys::Real => {
                let signature: Signature = self.ecdsa().sign(message);
                Signature64(signature.to_bytes().into())
            }
            Keys::Symbolic => SymbolicSignatures::sign(&self.public().0, message),
        }
    }

    fn ecdsa(&self) -> EcdsaKey {
        EcdsaKey::from_slice(&self.seed).unwrap()
    }
}
