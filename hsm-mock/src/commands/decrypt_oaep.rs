//! `DECRYPT OAEP` (0x59): key id (2), MGF1 algorithm (1), the ciphertext (as long as the modulus),
//! the digest of the label, whose length tells the hash. Answer: the message.

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::crypto::hash::Hash;
use crate::crypto::rsa_key::{PrivateKey, modulus_length};
use crate::crypto::rsa_padding::oaep_message;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::AsymmetricKey, id, Capabilities::DECRYPT_OAEP)?;
    let length = modulus_length(key.algorithm).ok_or(DeviceError::InvalidData)?;
    let mgf = input.u8()?;
    let (ciphertext, label) =
        input.rest().split_at_checked(length).ok_or(DeviceError::WrongLength)?;
    let hash = Hash::of_length(label.len()).ok_or(DeviceError::WrongLength)?;
    call.require_enabled(hash.oaep())?;
    call.require_enabled(mgf)?;
    let mgf = Hash::of_mgf1(mgf).ok_or(DeviceError::InvalidData)?;
    let key = PrivateKey::from_primes(key.secret.expose(), length)?;
    oaep_message(hash, mgf, label, &key.raw(ciphertext, call.rng)?)
}
