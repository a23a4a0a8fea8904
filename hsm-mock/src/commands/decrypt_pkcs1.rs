//! `DECRYPT PKCS1` (0x49): key id (2), the ciphertext. Answer: the message.

use super::{Answer, Call};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::crypto::rsa_key::{PrivateKey, modulus_length};
use crate::crypto::rsa_padding::pkcs1_message;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::AsymmetricKey, id, Capabilities::DECRYPT_PKCS)?;
    call.require_enabled(algorithm::RSA_PKCS1_DECRYPT)?;
    let length = modulus_length(key.algorithm).ok_or(DeviceError::InvalidData)?;
    let key = PrivateKey::from_primes(key.secret.expose(), length)?;
    pkcs1_message(&key.raw(input.rest(), call.rng)?)
}
