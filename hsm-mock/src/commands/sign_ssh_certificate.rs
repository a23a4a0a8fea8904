//! `SIGN SSH CERTIFICATE` (0x5d): CA key id (2), template id (2), signature algorithm (1), time
//! (4), signature of the time, the certificate without its signature. Answer: its signature field.
//!
//! The time is signed with the template's key: PKCS #1 v1.5 over SHA-256 of SHA-256 of the
//! certificate and the time (yubihsm-ssh-tool). Only RSA keys sign.

use zeroize::Zeroizing;

use super::ssh::{Request, Template, write_string};
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::crypto::hash::Hash;
use crate::crypto::rsa_key::{self, PrivateKey, modulus_length};
use crate::crypto::rsa_padding::{is_pkcs1_signature_block, pkcs1_signature_block};
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let (key_id, template_id) = (input.u16()?, input.u16()?);
    call.trace.second = template_id;
    let needed = Capabilities::SIGN_SSH_CERTIFICATE;
    let key = call.capable_target(ObjectType::AsymmetricKey, key_id, needed)?;
    let length = modulus_length(key.algorithm).ok_or(DeviceError::InvalidData)?;
    let template = call.find(ObjectType::Template, template_id)?.clone();
    let template = Template::read(template.secret.expose())?;
    let algorithm = input.u8()?;
    let hash = Hash::of_pkcs1(algorithm).ok_or(DeviceError::InvalidData)?;
    call.require_enabled(algorithm)?;
    let time = input.array()?;
    let timestamp_length =
        modulus_length(template.timestamp_algorithm).ok_or(DeviceError::InvalidData)?;
    let signature = input.take(timestamp_length)?;
    let certificate = input.rest();
    check_time(&template, &time, signature, certificate)?;
    template.check(&Request::read(certificate)?, key_id, u32::from_be_bytes(time))?;
    let block = pkcs1_signature_block(hash, &hash.digest(&[certificate]), length);
    let signature = PrivateKey::from_primes(key.secret.expose(), length)?.raw(&block, call.rng)?;
    let field = [write_string(name(hash)?), write_string(&signature)].concat();
    Ok(Zeroizing::new(write_string(&field)))
}

fn check_time(
    template: &Template<'_>,
    time: &[u8; 4],
    signature: &[u8],
    certificate: &[u8],
) -> Result<(), DeviceError> {
    let digest = Hash::Sha256.digest(&[&Hash::Sha256.digest(&[certificate]), time]);
    let block = rsa_key::raw_public(template.timestamp_key, signature)?;
    let signed = is_pkcs1_signature_block(Hash::Sha256, &digest, &block);
    if signed { Ok(()) } else { Err(DeviceError::SshCaConstraintViolation) }
}

/// RFC 4253 and RFC 8332; there is none with SHA-384.
fn name(hash: Hash) -> Result<&'static [u8], DeviceError> {
    match hash {
        Hash::Sha1 => Ok(b"ssh-rsa"),
        Hash::Sha256 => Ok(b"rsa-sha2-256"),
        Hash::Sha512 => Ok(b"rsa-sha2-512"),
        Hash::Sha384 => Err(DeviceError::InvalidData),
    }
}
