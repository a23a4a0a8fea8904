//! A P-256 private key that may live in a device.

use p256::elliptic_curve::sec1::ToEncodedPoint;
use rand_core::CryptoRngCore;
use vault_protocol::Point;
use zeroize::Zeroizing;

/// One private key and what can be done with it: exactly what a stock YubiHSM2 offers (Yubico,
/// Derive ECDH).
pub trait DeviceKey: Send + Sync {
    /// The public half as the validation bundle pins it, not as the device says.
    fn public(&self) -> Point;

    /// x-coordinate of `key * point`, 32 bytes big-endian.
    fn ecdh(&self, point: &Point) -> Result<Zeroizing<[u8; 32]>, DeviceKeyError>;
}

/// Why a private key did not do its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceKeyError {
    /// The other side sent something else.
    #[error("not a point of the curve")]
    BadPoint,
    /// The device is away, or refuses; why, for an engineer.
    #[error("the key cannot be used now: {0}")]
    Unavailable(String),
}

/// A key in memory: for tests, and for developers without a device.
pub struct SoftwareKey(p256::SecretKey);

impl SoftwareKey {
    /// Random.
    pub fn generate(rng: &mut impl CryptoRngCore) -> Self {
        Self(p256::SecretKey::random(rng))
    }

    /// Reads a big-endian scalar in 1..n; `None` outside.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        p256::SecretKey::from_slice(bytes).ok().map(Self)
    }
}

impl DeviceKey for SoftwareKey {
    fn public(&self) -> Point {
        encode(&self.0.public_key())
    }

    fn ecdh(&self, point: &Point) -> Result<Zeroizing<[u8; 32]>, DeviceKeyError> {
        let public = decode(point).ok_or(DeviceKeyError::BadPoint)?;
        let shared = p256::ecdh::diffie_hellman(self.0.to_nonzero_scalar(), public.as_affine());
        Ok(Zeroizing::new((*shared.raw_secret_bytes()).into()))
    }
}

/// Reads a point: uncompressed, on the curve, not the identity.
pub(crate) fn decode(point: &Point) -> Option<p256::PublicKey> {
    if point.0[0] != 4 {
        return None;
    }
    p256::PublicKey::from_sec1_bytes(&point.0).ok()
}

pub(crate) fn encode(key: &p256::PublicKey) -> Point {
    let encoded = key.to_encoded_point(false);
    Point::from_slice(encoded.as_bytes()).expect("an uncompressed P-256 point is 65 bytes")
}

/// The 33-byte form (SEC1) of a point; `None` if it is not one.
pub(crate) fn compress(point: &Point) -> Option<[u8; 33]> {
    decode(point)?.to_encoded_point(true).as_bytes().try_into().ok()
}

/// Reads the 33-byte form.
pub(crate) fn decompress(bytes: &[u8]) -> Option<Point> {
    (bytes.len() == 33).then_some(())?;
    p256::PublicKey::from_sec1_bytes(bytes).ok().map(|key| encode(&key))
}
