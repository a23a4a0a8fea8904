//! `SIGN PKCS1` (0x47): key id (2), a digest, whose length tells the hash. Answer: the signature.

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::crypto::hash::Hash;
use crate::crypto::rsa_key::{PrivateKey, modulus_length};
use crate::crypto::rsa_padding::pkcs1_signature_block;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::AsymmetricKey, id, Capabilities::SIGN_PKCS)?;
    let length = modulus_length(key.algorithm).ok_or(DeviceError::InvalidData)?;
    let digest = input.rest();
    let hash = Hash::of_length(digest.len()).ok_or(DeviceError::WrongLength)?;
    call.require_enabled(hash.pkcs1())?;
    let key = PrivateKey::from_primes(key.secret.expose(), length)?;
    key.raw(&pkcs1_signature_block(hash, digest, length), call.rng)
}
