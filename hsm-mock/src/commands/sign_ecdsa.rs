//! `SIGN ECDSA` (0x56): key id (2), a digest. Answer: the signature (DER). Longer digests are cut to the curve's size.

use p256::ecdsa::signature::hazmat::RandomizedPrehashSigner;
use p256::ecdsa::{DerSignature, SigningKey};
use rand_core::OsRng;
use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

/// SHA-1, SHA-256, SHA-384 and SHA-512.
const DIGESTS: [usize; 4] = [20, 32, 48, 64];

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key =
        call.capable_target(ObjectType::AsymmetricKey, id, Capabilities::SIGN_ECDSA)?.p256_key()?;
    let digest = input.rest();
    if !DIGESTS.contains(&digest.len()) {
        return Err(DeviceError::WrongLength);
    }
    let signature: DerSignature = SigningKey::from(key)
        .sign_prehash_with_rng(&mut OsRng, digest)
        .map_err(|_| DeviceError::InvalidData)?;
    Ok(Zeroizing::new(signature.as_bytes().to_vec()))
}
