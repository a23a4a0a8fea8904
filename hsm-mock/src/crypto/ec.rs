//! Short Weierstrass curves: keys as the device stores them, ECDSA, ECDH.
//!
//! A stored key is `d || x || y`, each of the curve's size (yubihsm-shell, `read_private_key` with
//! the internal representation).

use elliptic_curve::ops::{Invert, Reduce};
use elliptic_curve::point::AffineCoordinates;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, Sec1Point, ToSec1Point};
use elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, Group, NonZeroScalar,
    ProjectivePoint, Scalar, SecretKey,
};
use zeroize::Zeroizing;

use super::bp512::BrainpoolP512r1;
use super::der;
use crate::algorithm;
use crate::device_error::DeviceError;
use crate::rng::DeviceRng;

const UNCOMPRESSED: u8 = 0x04;

/// The curves of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P224,
    P256,
    P384,
    P521,
    K256,
    Bp256,
    Bp384,
    Bp512,
}

/// Calls a function that is generic over the curve.
macro_rules! on_curve {
    ($curve:expr, $function:ident ( $($argument:expr),* )) => {
        match $curve {
            Curve::P224 => $function::<p224::NistP224>($($argument),*),
            Curve::P256 => $function::<p256::NistP256>($($argument),*),
            Curve::P384 => $function::<p384::NistP384>($($argument),*),
            Curve::P521 => $function::<p521::NistP521>($($argument),*),
            Curve::K256 => $function::<k256::Secp256k1>($($argument),*),
            Curve::Bp256 => $function::<bp256::BrainpoolP256r1>($($argument),*),
            Curve::Bp384 => $function::<bp384::BrainpoolP384r1>($($argument),*),
            Curve::Bp512 => $function::<BrainpoolP512r1>($($argument),*),
        }
    };
}

impl Curve {
    pub(crate) fn of(algorithm: u8) -> Option<Self> {
        Some(match algorithm {
            algorithm::EC_P224 => Self::P224,
            algorithm::EC_P256 => Self::P256,
            algorithm::EC_P384 => Self::P384,
            algorithm::EC_P521 => Self::P521,
            algorithm::EC_K256 => Self::K256,
            algorithm::EC_BP256 => Self::Bp256,
            algorithm::EC_BP384 => Self::Bp384,
            algorithm::EC_BP512 => Self::Bp512,
            _ => return None,
        })
    }

    /// Bytes of a coordinate or a private number.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::P224 => 28,
            Self::P256 | Self::K256 | Self::Bp256 => 32,
            Self::P384 | Self::Bp384 => 48,
            Self::P521 => 66,
            Self::Bp512 => 64,
        }
    }

    /// Its object identifier, DER content: RFC 5480, SEC 2, RFC 5639.
    pub(crate) fn oid(self) -> &'static [u8] {
        match self {
            Self::P224 => &[0x2b, 0x81, 0x04, 0x00, 0x21],
            Self::P256 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
            Self::P384 => &[0x2b, 0x81, 0x04, 0x00, 0x22],
            Self::P521 => &[0x2b, 0x81, 0x04, 0x00, 0x23],
            Self::K256 => &[0x2b, 0x81, 0x04, 0x00, 0x0a],
            Self::Bp256 => &[0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07],
            Self::Bp384 => &[0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b],
            Self::Bp512 => &[0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d],
        }
    }

    /// A new key: `d || x || y`.
    pub(crate) fn generate(self, rng: &mut DeviceRng) -> Zeroizing<Vec<u8>> {
        loop {
            let mut private = Zeroizing::new(vec![0; self.size()]);
            rng.fill(&mut private);
            if self == Self::P521 {
                // 521 bits in 66 bytes.
                private[0] &= 1;
            }
            // What is not below the order is drawn again; every order has its top bit set, so that
            // happens less than half the time.
            if let Ok(key) = self.expand_private(&private) {
                return key;
            }
        }
    }

    /// `d || x || y` of a private number.
    ///
    /// # Errors
    /// `WRONG_LENGTH`; `INVALID_DATA` if it is zero or not below the order.
    pub(crate) fn expand_private(self, private: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        if private.len() != self.size() {
            return Err(DeviceError::WrongLength);
        }
        on_curve!(self, expand(private))
    }

    /// Checks that a stored key is one.
    ///
    /// # Errors
    /// `WRONG_LENGTH`; `INVALID_DATA` if the public half is not that of the private one.
    pub(crate) fn check(self, key: &[u8]) -> Result<(), DeviceError> {
        if key.len() != 3 * self.size() {
            return Err(DeviceError::WrongLength);
        }
        let expected = self.expand_private(&key[..self.size()])?;
        if *expected == key { Ok(()) } else { Err(DeviceError::InvalidData) }
    }

    /// ECDSA over a digest (FIPS 186-5, section 6.4): longer ones are cut to the size of the order,
    /// shorter ones are taken as they are. DER.
    pub(crate) fn sign(
        self,
        key: &[u8],
        digest: &[u8],
        rng: &mut DeviceRng,
    ) -> Result<Vec<u8>, DeviceError> {
        let private = key.get(..self.size()).ok_or(DeviceError::InvalidData)?;
        let size = self.size();
        let mut number = vec![0; size];
        let cut = digest.len().min(size);
        number[size - cut..].copy_from_slice(&digest[..cut]);
        loop {
            let nonce = self.generate(rng);
            let signature = on_curve!(self, sign_with(private, &nonce[..size], &number))?;
            if let Some((r, s)) = signature {
                return Ok(der::sequence(&[der::unsigned(&r), der::unsigned(&s)]));
            }
        }
    }

    /// ECDH: the x coordinate.
    ///
    /// # Errors
    /// `WRONG_LENGTH` for another form than `04 || x || y`; `INVALID_DATA` for a point off the
    /// curve.
    pub(crate) fn ecdh(self, key: &[u8], point: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let private = key.get(..self.size()).ok_or(DeviceError::InvalidData)?;
        if point.len() != 1 + 2 * self.size() {
            return Err(DeviceError::WrongLength);
        }
        if point[0] != UNCOMPRESSED {
            return Err(DeviceError::InvalidData);
        }
        on_curve!(self, agree(private, point))
    }

    /// Checks `x || y`.
    ///
    /// # Errors
    /// `WRONG_LENGTH`, `INVALID_DATA` off the curve.
    pub(crate) fn check_point(self, coordinates: &[u8]) -> Result<(), DeviceError> {
        if coordinates.len() != 2 * self.size() {
            return Err(DeviceError::WrongLength);
        }
        let point = [&[UNCOMPRESSED], coordinates].concat();
        on_curve!(self, is_point(&point))
    }
}

/// What the functions below need of a curve.
trait Weierstrass:
    CurveArithmetic<AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>> + Sized
where
    FieldBytesSize<Self>: ModulusSize,
{
}

impl<C> Weierstrass for C
where
    C: CurveArithmetic<AffinePoint: FromSec1Point<C> + ToSec1Point<C>>,
    FieldBytesSize<C>: ModulusSize,
{
}

fn expand<C: Weierstrass>(private: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError>
where
    FieldBytesSize<C>: ModulusSize,
{
    let scalar = scalar::<C>(private)?;
    let public: AffinePoint<C> = (ProjectivePoint::<C>::generator() * *scalar).into();
    let public = public.to_sec1_point(false);
    let mut key = Zeroizing::new(Vec::with_capacity(3 * private.len()));
    key.extend_from_slice(private);
    key.extend_from_slice(&public.as_bytes()[1..]);
    Ok(key)
}

fn scalar<C: CurveArithmetic>(bytes: &[u8]) -> Result<NonZeroScalar<C>, DeviceError> {
    let key = SecretKey::<C>::from_slice(bytes).map_err(|_| DeviceError::InvalidData)?;
    Ok(key.to_nonzero_scalar())
}

fn field_bytes<C: CurveArithmetic>(bytes: &[u8]) -> Result<FieldBytes<C>, DeviceError> {
    FieldBytes::<C>::try_from(bytes).map_err(|_| DeviceError::InvalidData)
}

/// `r` and `s`, big endian.
type Signature = (Vec<u8>, Vec<u8>);

/// One try with one nonce; `None` in the cases (of negligible probability) that want another.
fn sign_with<C: CurveArithmetic>(
    private: &[u8],
    nonce: &[u8],
    digest: &[u8],
) -> Result<Option<Signature>, DeviceError> {
    let (d, k) = (scalar::<C>(private)?, scalar::<C>(nonce)?);
    let z = <Scalar<C> as Reduce<FieldBytes<C>>>::reduce(&field_bytes::<C>(digest)?);
    let point: AffinePoint<C> = (ProjectivePoint::<C>::generator() * *k).into();
    let r = <Scalar<C> as Reduce<FieldBytes<C>>>::reduce(&point.x());
    let inverse = Option::<Scalar<C>>::from(Invert::invert(&*k)).ok_or(DeviceError::InvalidData)?;
    let s = inverse * (z + r * *d);
    let is_zero = |value: &Scalar<C>| bool::from(elliptic_curve::Field::is_zero(value));
    if is_zero(&r) || is_zero(&s) {
        return Ok(None);
    }
    let bytes = |value: Scalar<C>| -> FieldBytes<C> { value.into() };
    Ok(Some((bytes(r).to_vec(), bytes(s).to_vec())))
}

fn point<C: Weierstrass>(bytes: &[u8]) -> Result<AffinePoint<C>, DeviceError>
where
    FieldBytesSize<C>: ModulusSize,
{
    let encoded = Sec1Point::<C>::from_bytes(bytes).map_err(|_| DeviceError::InvalidData)?;
    let point: Option<AffinePoint<C>> = AffinePoint::<C>::from_sec1_point(&encoded).into();
    point.ok_or(DeviceError::InvalidData)
}

fn is_point<C: Weierstrass>(bytes: &[u8]) -> Result<(), DeviceError>
where
    FieldBytesSize<C>: ModulusSize,
{
    point::<C>(bytes).map(|_| ())
}

fn agree<C: Weierstrass>(private: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError>
where
    FieldBytesSize<C>: ModulusSize,
{
    let shared = ProjectivePoint::<C>::from(point::<C>(bytes)?) * *scalar::<C>(private)?;
    let shared: AffinePoint<C> = shared.into();
    Ok(Zeroizing::new(shared.x().to_vec()))
}
