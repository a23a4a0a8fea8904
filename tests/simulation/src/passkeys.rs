//! Passkeys without WebAuthn: a key pair, a challenge and a counter, signed.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use vault_state::{PasskeyVerifier, Registered};

/// A registration: public key (32) ‖ signature over the challenge (64). A credential is the public
/// key.
const REGISTRATION: usize = 32 + 64;
/// An assertion: public key (32) ‖ counter (4) ‖ signature over challenge and counter (64).
const ASSERTION: usize = 32 + 4 + 64;

/// A person's passkey.
pub struct SimulatedPasskey {
    key: SigningKey,
    counter: u32,
}

/// What every simulated site reads passkeys with.
pub struct SimulatedVerifier;

impl SimulatedPasskey {
    pub fn new(seed: [u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(&seed), counter: 0 }
    }

    pub fn credential(&self) -> Vec<u8> {
        self.key.verifying_key().to_bytes().to_vec()
    }

    pub fn register(&self, challenge: &[u8; 32]) -> Vec<u8> {
        let signature = self.key.sign(challenge).to_bytes();
        [&self.credential()[..], &signature].concat()
    }

    /// Counts one more.
    pub fn assert(&mut self, challenge: &[u8; 32]) -> Vec<u8> {
        self.counter += 1;
        let counter = self.counter.to_be_bytes();
        let signature = self.key.sign(&[&challenge[..], &counter].concat()).to_bytes();
        [&self.credential()[..], &counter, &signature].concat()
    }
}

impl PasskeyVerifier for SimulatedVerifier {
    fn registration(
        &self,
        challenge: &[u8; 32],
        credential: &[u8],
        registration: &[u8],
    ) -> Option<u32> {
        if registration.len() != REGISTRATION {
            return None;
        }
        let (key, signature) = registration.split_at(32);
        (key == credential && holds(key, challenge, signature)).then_some(0)
    }

    fn credential(&self, assertion: &[u8]) -> Option<Vec<u8>> {
        (assertion.len() == ASSERTION).then(|| assertion[..32].to_vec())
    }

    fn assertion(
        &self,
        registered: &Registered<'_>,
        challenge: &[u8; 32],
        assertion: &[u8],
    ) -> Option<u32> {
        if assertion.len() != ASSERTION || assertion[..32] != *registered.credential {
            return None;
        }
        let (key, rest) = assertion.split_at(32);
        let (counter, signature) = rest.split_at(4);
        let message = [&challenge[..], counter].concat();
        let counter = u32::from_be_bytes(counter.try_into().ok()?);
        (counter > registered.counter && holds(key, &message, signature)).then_some(counter)
    }
}

fn holds(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = key.try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok());
    let signature = Signature::from_slice(signature);
    match (key, signature) {
        (Some(key), Ok(signature)) => key.verify_strict(message, &signature).is_ok(),
        _ => false,
    }
}
