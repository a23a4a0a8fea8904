//! RFC 9497 OPRF(P-256, SHA-256), evaluated by a device that only gives x-coordinates.

use crate::device_key::{DeviceKey, DeviceKeyError, decode, encode};
use p256::elliptic_curve::point::DecompressPoint;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::elliptic_curve::subtle::Choice;
use p256::{AffinePoint, NistP256, ProjectivePoint, PublicKey};
use rand_core::CryptoRngCore;
use vault_protocol::Point;
use voprf::{EvaluationElement, OprfClient};
use zeroize::Zeroizing;

/// The client's side of one evaluation: the input, the blind, and alpha = blind * H(input).
pub struct Blinded {
    client: OprfClient<NistP256>,
    input: Zeroizing<Vec<u8>>,
    alpha: Point,
}

/// Why nothing was evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OprfError {
    /// A code is never empty, and never so long.
    #[error("the input must be 1 to 65,535 bytes")]
    Input,
    /// One side sent something else.
    #[error("not a point of the curve")]
    BadPoint,
    /// A multiplier that came from elsewhere.
    #[error("not a scalar in 1..n")]
    BadScalar,
    /// The device does not hold the private half of the pinned key, or answers wrongly.
    #[error("the device's answers do not fit its public key")]
    Inconsistent,
    /// The private key did not do its work.
    #[error(transparent)]
    Device(#[from] DeviceKeyError),
}

/// Blinds `input` (1 to 65,535 bytes) with a fresh scalar (RFC 9497 section 3.3.1, Blind).
pub fn blind(input: &[u8], rng: &mut impl CryptoRngCore) -> Result<Blinded, OprfError> {
    let result = OprfClient::<NistP256>::blind(input, rng).map_err(|_| OprfError::Input)?;
    let compressed = result.message.serialize();
    let point = PublicKey::from_sec1_bytes(&compressed).map_err(|_| OprfError::BadPoint)?;
    Ok(Blinded {
        client: result.state,
        input: Zeroizing::new(input.to_vec()),
        alpha: encode(&point),
    })
}

impl Blinded {
    /// What is sent; says nothing about the input.
    pub fn alpha(&self) -> Point {
        self.alpha
    }

    /// Unblinds an evaluation and hashes it with the input (RFC 9497 section 3.3.1, Finalize).
    pub fn finalize(&self, beta: &Point) -> Result<Zeroizing<[u8; 32]>, OprfError> {
        let compressed = decode(beta).ok_or(OprfError::BadPoint)?.to_encoded_point(true);
        let element = EvaluationElement::deserialize(compressed.as_bytes())
            .map_err(|_| OprfError::BadPoint)?;
        let output = self.client.finalize(&self.input, &element).map_err(|_| OprfError::Input)?;
        Ok(Zeroizing::new(output.into()))
    }
}

/// k * alpha, from two ECDH operations of a device that returns only x-coordinates.
///
/// x(k·B) leaves the sign open; x(k·(B+G)) = x(k·B + K) settles it, for k·B and -k·B cannot both
/// give it in a group of odd order. B = G and B = -G are answered from K without the device.
pub fn evaluate(key: &dyn DeviceKey, alpha: &Point) -> Result<Point, OprfError> {
    let b = decode(alpha).ok_or(OprfError::BadPoint)?;
    let public = decode(&key.public()).ok_or(OprfError::BadPoint)?;
    let (b, k) = (b.to_projective(), public.to_projective());
    if b == ProjectivePoint::GENERATOR {
        return point(k);
    }
    let shifted = b + ProjectivePoint::GENERATOR;
    if shifted == ProjectivePoint::IDENTITY {
        return point(-k);
    }
    let x = key.ecdh(alpha)?;
    let x_shifted = key.ecdh(&point(shifted)?)?;
    let candidate: Option<AffinePoint> =
        AffinePoint::decompress((&*x).into(), Choice::from(0)).into();
    let candidate = ProjectivePoint::from(candidate.ok_or(OprfError::Inconsistent)?);
    [candidate, -candidate]
        .into_iter()
        .find(|c| x_of(c + &k).is_some_and(|x| x == *x_shifted))
        .map_or(Err(OprfError::Inconsistent), point)
}

/// scalar * element, with `scalar` 32 bytes big-endian in 1..n.
pub fn multiply(scalar: &[u8; 32], element: &Point) -> Result<Point, OprfError> {
    let scalar = p256::SecretKey::from_slice(scalar).map_err(|_| OprfError::BadScalar)?;
    let element = decode(element).ok_or(OprfError::BadPoint)?;
    point(element.to_projective() * *scalar.to_nonzero_scalar())
}

/// Asks a site for a second evaluation that shows whether the first is right: c * alpha + d * G, of
/// which the right one is c * (k * alpha) + d * K. Without c and d, which hide in it, nobody
/// answers both wrongly and fittingly.
pub struct Check {
    c: p256::SecretKey,
    d: p256::SecretKey,
    alpha: Point,
}

impl Check {
    /// A fresh one for `alpha`, which must be a point.
    ///
    /// # Errors
    /// [`OprfError::BadPoint`]
    pub fn of(alpha: &Point, rng: &mut impl CryptoRngCore) -> Result<Self, OprfError> {
        let c = p256::SecretKey::random(rng);
        let d = p256::SecretKey::random(rng);
        let element = decode(alpha).ok_or(OprfError::BadPoint)?.to_projective();
        let masked = ProjectivePoint::GENERATOR * *d.to_nonzero_scalar();
        let alpha = point(element * *c.to_nonzero_scalar() + masked)?;
        Ok(Self { c, d, alpha })
    }

    /// What is sent beside alpha.
    pub fn alpha(&self) -> Point {
        self.alpha
    }

    /// Whether `beta` is k * alpha for the private half k of `key`, given the answer to
    /// [`Check::alpha`].
    pub fn holds(&self, key: &Point, beta: &Point, answer: &Point) -> bool {
        let (Some(key), Some(beta)) = (decode(key), decode(beta)) else { return false };
        let unmasked = beta.to_projective() * *self.c.to_nonzero_scalar();
        let mask = key.to_projective() * *self.d.to_nonzero_scalar();
        point(unmasked + mask).is_ok_and(|expected| expected == *answer)
    }
}

fn point(p: ProjectivePoint) -> Result<Point, OprfError> {
    let key = PublicKey::from_affine(p.to_affine()).map_err(|_| OprfError::BadPoint)?;
    Ok(encode(&key))
}

/// None for the identity, which has no x-coordinate.
fn x_of(p: ProjectivePoint) -> Option<[u8; 32]> {
    let encoded = p.to_affine().to_encoded_point(false);
    encoded.x().map(|x| (*x).into())
}
