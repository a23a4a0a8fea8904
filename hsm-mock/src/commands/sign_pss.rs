//! `SIGN PSS` (0x55): key id (2), MGF1 algorithm (1), length of the salt (2), a digest, whose
//! length tells the hash. Answer: the signature.

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::crypto::hash::Hash;
use crate::crypto::rsa_key::{PrivateKey, modulus_length};
use crate::crypto::rsa_padding::pss_block;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::AsymmetricKey, id, Capabilities::SIGN_PSS)?;
    let length = modulus_length(key.algorithm).ok_or(DeviceError::InvalidData)?;
    let mgf = input.u8()?;
    let salt_length = usize::from(input.u16()?);
    let digest = input.rest();
    let hash = Hash::of_length(digest.len()).ok_or(DeviceError::WrongLength)?;
    call.require_enabled(hash.pss())?;
    call.require_enabled(mgf)?;
    let mgf = Hash::of_mgf1(mgf).ok_or(DeviceError::InvalidData)?;
    let block = pss_block(hash, mgf, digest, salt_length, length, call.rng)?;
    PrivateKey::from_primes(key.secret.expose(), length)?.raw(&block, call.rng)
}
