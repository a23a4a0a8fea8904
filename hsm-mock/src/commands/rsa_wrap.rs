//! RSA wrap: a fresh AES key under RSA-OAEP, then what is wrapped under that key with AES-KWP
//! (PKCS #11 calls it CKM_RSA_AES_KEY_WRAP).

use zeroize::Zeroizing;

use super::Call;
use super::call::allowed;
use crate::algorithm;
use crate::capability::Capabilities;
use crate::crypto::hash::Hash;
use crate::crypto::kwp;
use crate::crypto::rsa_key::{self, PrivateKey, modulus_length};
use crate::crypto::rsa_padding::{oaep_block, oaep_message};
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{Object, ObjectType};

/// OAEP hash (1), MGF1 hash (1) and the digest of the label.
pub(super) struct Oaep<'a> {
    hash: Hash,
    mgf: Hash,
    label: &'a [u8],
}

/// Reads the algorithm bytes of OAEP and MGF1.
///
/// # Errors
/// `INVALID_DATA`, `ALGORITHM_DISABLED`
pub(super) fn hashes(call: &Call<'_>, input: &mut Input<'_>) -> Result<(Hash, Hash), DeviceError> {
    let (hash, mgf) = (input.u8()?, input.u8()?);
    call.require_enabled(hash)?;
    call.require_enabled(mgf)?;
    call.require_enabled(algorithm::AES_KWP)?;
    let invalid = DeviceError::InvalidData;
    Ok((Hash::of_oaep(hash).ok_or(invalid)?, Hash::of_mgf1(mgf).ok_or(invalid)?))
}

impl<'a> Oaep<'a> {
    /// # Errors
    /// `WRONG_LENGTH` if the digest of the label is not of the hash's length.
    pub(super) fn new((hash, mgf): (Hash, Hash), label: &'a [u8]) -> Result<Self, DeviceError> {
        let fits = label.len() == hash.length();
        if fits { Ok(Self { hash, mgf, label }) } else { Err(DeviceError::WrongLength) }
    }
}

/// What an export names: public wrap key (2), type (1) and id (2) of the object, AES algorithm (1),
/// hashes (2), digest of the label.
pub(super) struct Export<'a> {
    pub wrap_key: Object,
    pub object: Object,
    aes_length: usize,
    oaep: Oaep<'a>,
}

impl<'a> Export<'a> {
    /// Reads the arguments, and checks that the object may leave.
    ///
    /// # Errors
    /// `OBJECT_NOT_FOUND`, `INSUFFICIENT_PERMISSIONS`, `ALGORITHM_DISABLED`, `INVALID_DATA`,
    /// `WRONG_LENGTH`
    pub(super) fn read(call: &mut Call<'_>, data: &'a [u8]) -> Result<Self, DeviceError> {
        let mut input = Input::new(data);
        let wrap_id = input.u16()?;
        let kind = ObjectType::from_byte(input.u8()?)?;
        let id = input.u16()?;
        call.trace.second = id;
        let needed = Capabilities::EXPORT_WRAPPED;
        let wrap_key = call.capable_target(ObjectType::PublicWrapKey, wrap_id, needed)?;
        let object = call.find(kind, id)?.clone();
        allowed(object.capabilities.contains(Capabilities::EXPORTABLE_UNDER_WRAP))?;
        allowed(wrap_key.delegated.contains(object.capabilities))?;
        let aes = input.u8()?;
        call.require_enabled(aes)?;
        let aes_length = match aes {
            algorithm::AES128 | algorithm::AES192 | algorithm::AES256 => {
                algorithm::aes_key_length(aes).ok_or(DeviceError::InvalidData)?
            }
            _ => return Err(DeviceError::InvalidData),
        };
        let hashes = hashes(call, &mut input)?;
        let oaep = Oaep::new(hashes, input.rest())?;
        Ok(Self { wrap_key, object, aes_length, oaep })
    }

    /// Wraps bytes.
    ///
    /// # Errors
    /// `INVALID_DATA`, `WRONG_LENGTH`
    pub(super) fn wrap(&self, call: &mut Call<'_>, data: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let modulus = self.wrap_key.secret.expose();
        let mut aes_key = Zeroizing::new(vec![0; self.aes_length]);
        call.rng.fill(&mut aes_key);
        let Oaep { hash, mgf, label } = self.oaep;
        let block = oaep_block(hash, mgf, label, &aes_key, modulus.len(), call.rng)?;
        let mut wrapped = rsa_key::raw_public(modulus, &block)?;
        wrapped.extend(kwp::wrap(&aes_key, data)?);
        Ok(wrapped)
    }
}

/// Finds the private wrap key of an import.
///
/// # Errors
/// `OBJECT_NOT_FOUND`, `INSUFFICIENT_PERMISSIONS`; `INVALID_DATA` for an AES wrap key
pub(super) fn import_key(call: &mut Call<'_>, id: u16) -> Result<Object, DeviceError> {
    let wrap_key = call.target(ObjectType::WrapKey, id)?.clone();
    modulus_length(wrap_key.algorithm).ok_or(DeviceError::InvalidData)?;
    call.capable_target(ObjectType::WrapKey, id, Capabilities::IMPORT_WRAPPED)
}

/// Opens what is wrapped, with the digest of the label after it.
///
/// # Errors
/// `INVALID_DATA`, `WRONG_LENGTH`
pub(super) fn unwrap(
    call: &mut Call<'_>,
    wrap_key: &Object,
    hashes: (Hash, Hash),
    wrapped_and_label: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let length = modulus_length(wrap_key.algorithm).ok_or(DeviceError::InvalidData)?;
    let wrong = DeviceError::WrongLength;
    let end = wrapped_and_label.len().checked_sub(hashes.0.length()).ok_or(wrong)?;
    let (wrapped, label) = wrapped_and_label.split_at(end);
    let (sealed_key, wrapped) = wrapped.split_at_checked(length).ok_or(wrong)?;
    let Oaep { hash, mgf, label } = Oaep::new(hashes, label)?;
    let key = PrivateKey::from_primes(wrap_key.secret.expose(), length)?;
    let aes_key = oaep_message(hash, mgf, label, &key.raw(sealed_key, call.rng)?)?;
    kwp::unwrap(&aes_key, wrapped)
}
