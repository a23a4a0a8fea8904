//! A computer of the person's: a key pair, so that another of their computers can wrap a new backup
//! key for it.
//!
//! HPKE (RFC 9180) in Auth mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM: what
//! is wrapped opens for the recipient alone, and shows which computer wrapped it. The normative
//! text is `spec/backup-format.md`.

use crate::error::KeyError;
use crate::labels;
use crate::secret::Secret;
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256,
    kem::DhP256HkdfSha256,
};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::fmt;
use vault_protocol::labelled;

type Kem = DhP256HkdfSha256;
type Private = <Kem as hpke::Kem>::PrivateKey;

/// Bytes of a computer's name: 64 characters of 4 bytes.
pub const MAX_COMPUTER_NAME: usize = 256;

/// Uncompressed SEC 1 point.
const PUBLIC_LEN: usize = 65;

/// Names a computer: 16 bytes of a hash of its public key, as 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ComputerId(pub String);

/// A computer's public key. Any 65 bytes; whether they are a point shows when something is wrapped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ComputerPublic([u8; PUBLIC_LEN]);

/// Parameters of a `computer` slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputerSlot {
    /// Of the computer that opens the slot.
    pub public: ComputerPublic,
    /// Public key of the computer that wrapped the backup key; its own, when it joined by itself.
    pub by: ComputerPublic,
    /// Hex of the sealed name.
    pub name: String,
}

/// A computer's private key: derived from the key in its keyring.
#[derive(Clone)]
pub struct ComputerKey(Secret<32>);

impl ComputerKey {
    /// `seed` is the key in the computer's keyring, or derived from it.
    pub fn new(seed: Secret<32>) -> Self {
        Self(seed)
    }

    /// What other computers seal to.
    pub fn public(&self) -> ComputerPublic {
        let (_, public) = Kem::derive_keypair(self.0.expose());
        let mut bytes = [0; PUBLIC_LEN];
        bytes.copy_from_slice(&public.to_bytes());
        ComputerPublic(bytes)
    }

    /// Names it.
    pub fn id(&self) -> ComputerId {
        self.public().id()
    }

    fn private(&self) -> Private {
        Kem::derive_keypair(self.0.expose()).0
    }

    /// encapsulated key (65) || ciphertext of 32 bytes || tag (16).
    ///
    /// # Errors
    /// `Malformed`: the recipient's key is no point of the curve.
    pub(crate) fn wrap_for(
        &self,
        to: &ComputerPublic,
        info: &[u8],
        secret: &Secret<32>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, KeyError> {
        let refused =
            |_| KeyError::Malformed { what: "computer slot", why: "its public key is none".into() };
        let recipient = to.read().map_err(refused)?;
        let (private, public) = Kem::derive_keypair(self.0.expose());
        let mode = OpModeS::Auth((private, public));
        let (enc, sealed) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
            &mode,
            &recipient,
            info,
            secret.expose(),
            b"",
            &mut NextRng(rng),
        )
        .map_err(refused)?;
        Ok([enc.to_bytes().as_slice(), &sealed].concat())
    }

    /// Opens what `from` wrapped for this computer.
    ///
    /// # Errors
    /// `Damaged`: altered, for another computer, or by another one.
    pub(crate) fn unwrap_from(
        &self,
        from: &ComputerPublic,
        info: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret<32>, KeyError> {
        let damaged = || KeyError::Damaged("a computer's key slot".into());
        let sender = from.read().map_err(|_| damaged())?;
        let (enc, sealed) = wrapped.split_at_checked(PUBLIC_LEN).ok_or_else(damaged)?;
        let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc).map_err(|_| damaged())?;
        let mode = OpModeR::Auth(sender);
        let opened = hpke::single_shot_open::<AesGcm256, HkdfSha256, Kem>(
            &mode,
            &self.private(),
            &enc,
            info,
            sealed,
            b"",
        );
        let opened = zeroize::Zeroizing::new(opened.map_err(|_| damaged())?);
        Secret::from_slice(&opened).ok_or_else(damaged)
    }
}

impl ComputerPublic {
    /// Names the computer whose key it is.
    pub fn id(&self) -> ComputerId {
        let hash = crate::kdf::digest(&labelled(labels::COMPUTER_ID, &[&self.0]));
        ComputerId(hex::encode(&hash[..16]))
    }

    /// Uncompressed SEC 1 point, 65 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn read(&self) -> Result<<Kem as hpke::Kem>::PublicKey, hpke::HpkeError> {
        <Kem as hpke::Kem>::PublicKey::from_bytes(&self.0)
    }
}

impl From<ComputerPublic> for String {
    fn from(public: ComputerPublic) -> Self {
        hex::encode(public.0)
    }
}

impl TryFrom<String> for ComputerPublic {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; PUBLIC_LEN];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| "a computer's public key is 130 hex digits")?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for ComputerPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ComputerPublic({})", self.id().0)
    }
}

impl fmt::Debug for ComputerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ComputerKey(…)")
    }
}

/// The `hpke` crate speaks the next generation of `rand_core`.
struct NextRng<'a, R>(&'a mut R);

impl<R: RngCore + CryptoRng> rand_core_next::TryRng for NextRng<'_, R> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill_bytes(out);
        Ok(())
    }
}

impl<R: RngCore + CryptoRng> rand_core_next::TryCryptoRng for NextRng<'_, R> {}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    fn computer() -> ComputerKey {
        ComputerKey::new(Secret::generate(&mut OsRng))
    }

    #[test]
    fn what_is_wrapped_opens_for_its_computer_and_shows_who_wrapped_it() {
        let (desk, laptop, thief) = (computer(), computer(), computer());
        let secret = Secret::generate(&mut OsRng);
        let wrapped = desk.wrap_for(&laptop.public(), b"slot", &secret, &mut OsRng).unwrap();
        assert_eq!(wrapped.len(), PUBLIC_LEN + 32 + 16);
        assert_eq!(laptop.unwrap_from(&desk.public(), b"slot", &wrapped).unwrap(), secret);
        assert!(thief.unwrap_from(&desk.public(), b"slot", &wrapped).is_err());
        assert!(laptop.unwrap_from(&thief.public(), b"slot", &wrapped).is_err());
        assert!(laptop.unwrap_from(&desk.public(), b"other", &wrapped).is_err());
        for at in 0..wrapped.len() {
            let mut bad = wrapped.clone();
            bad[at] ^= 1;
            assert!(laptop.unwrap_from(&desk.public(), b"slot", &bad).is_err(), "byte {at}");
            assert!(
                laptop.unwrap_from(&desk.public(), b"slot", &wrapped[..at]).is_err(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn nothing_is_wrapped_for_a_key_that_is_none() {
        let none = ComputerPublic([4; PUBLIC_LEN]);
        let refused = computer().wrap_for(&none, b"", &Secret::generate(&mut OsRng), &mut OsRng);
        assert!(matches!(refused, Err(KeyError::Malformed { .. })));
        assert!(ComputerPublic::try_from("00".repeat(64)).is_err());
    }
}
