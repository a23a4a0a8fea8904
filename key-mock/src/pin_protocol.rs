//! PIN/UV auth protocols (CTAP 2.1, 6.5.4): how PIN, token and salts are kept from whoever reads
//! the USB traffic.

mod aes_cbc;
mod cose_key;
mod one;
mod two;

use crate::status::Status;
use ciborium::Value;
use hmac::{Hmac, Mac};
use p256::{SecretKey, ecdh};
use rand_core::OsRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub(crate) use cose_key::encode as cose_key;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    One,
    Two,
}

/// A key pair of the MOCK key that serves until it is regenerated.
pub(crate) struct KeyAgreement(SecretKey);

/// What platform and key both know after key agreement.
pub(crate) struct SharedSecret {
    protocol: Protocol,
    bytes: Zeroizing<Vec<u8>>,
}

impl Protocol {
    /// Errors: `InvalidParameter`.
    pub(crate) fn from_number(number: i64) -> Result<Self, Status> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            _ => Err(Status::InvalidParameter),
        }
    }

    /// Checks what `authenticate(key, message)` should be. Errors: `PinAuthInvalid`.
    pub(crate) fn verify(self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Status> {
        let expected = self.authenticate(key, message);
        if bool::from(expected.ct_eq(signature)) { Ok(()) } else { Err(Status::PinAuthInvalid) }
    }

    fn authenticate(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        match self {
            Self::One => one::authenticate(key, message),
            Self::Two => two::authenticate(key, message),
        }
    }
}

impl KeyAgreement {
    pub(crate) fn generate() -> Self {
        Self(SecretKey::random(&mut OsRng))
    }

    /// COSE_Key of the public half.
    pub(crate) fn public(&self) -> Value {
        cose_key(&self.0.public_key(), cose_key::ECDH_ES_HKDF_256)
    }

    /// `decapsulate`: the shared secret, from the platform's COSE_Key. Errors: `InvalidParameter`.
    pub(crate) fn decapsulate(
        &self,
        protocol: Protocol,
        platform: &Value,
    ) -> Result<SharedSecret, Status> {
        let platform = cose_key::decode(platform)?;
        let z = ecdh::diffie_hellman(self.0.to_nonzero_scalar(), platform.as_affine());
        Ok(SharedSecret::derive(protocol, z.raw_secret_bytes()))
    }
}

impl SharedSecret {
    fn derive(protocol: Protocol, z: &[u8]) -> Self {
        let bytes = match protocol {
            Protocol::One => one::kdf(z),
            Protocol::Two => two::kdf(z),
        };
        Self { protocol, bytes }
    }

    /// Of whole blocks of 16 bytes.
    pub(crate) fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        match self.protocol {
            Protocol::One => one::encrypt(&self.bytes, plain),
            Protocol::Two => two::encrypt(&self.bytes, plain),
        }
    }

    /// `None` where the ciphertext is not of whole blocks.
    pub(crate) fn decrypt(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self.protocol {
            Protocol::One => one::decrypt(&self.bytes, sealed),
            Protocol::Two => two::decrypt(&self.bytes, sealed),
        }
    }

    /// Errors: `PinAuthInvalid`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Status> {
        self.protocol.verify(&self.bytes, message, signature)
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod platform {
    //! The platform's side, for tests of commands.

    use super::*;

    impl SharedSecret {
        /// The platform's COSE_Key, and the secret shared with a key whose COSE_Key is `key`.
        pub(crate) fn encapsulate(protocol: Protocol, key: &Value) -> (Value, Self) {
            let mine = KeyAgreement::generate();
            (mine.public(), mine.decapsulate(protocol, key).unwrap())
        }

        pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
            self.protocol.authenticate(&self.bytes, message)
        }
    }

    impl Protocol {
        pub(crate) fn sign(self, token: &[u8], message: &[u8]) -> Vec<u8> {
            self.authenticate(token, message)
        }

        pub(crate) fn number(self) -> i64 {
            self as i64 + 1
        }
    }
}
