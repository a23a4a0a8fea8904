//! Objects under wrap: a 59-byte header, delegated capabilities where the type has them, and the secret, sealed with
//! AES-CCM under a wrap key. On the wire: nonce (13) || ciphertext || tag (16).
//!
//! Source: `yhwrap/main.c` in yubihsm-shell (`format_header`, `wrap_data`).

use aes::{Aes128, Aes192, Aes256};
use ccm::aead::{Aead, KeyInit};
use ccm::consts::{U13, U16};
use ccm::{Ccm, Nonce};
use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use super::{LABEL_LENGTH, Label, Object, ObjectType, Origin};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::secret::Secret;

/// Wrap algorithm 1, capabilities 8, id 2, length 2, domains 2, type 1, algorithm 1, sequence 1, origin 1, label 40.
const HEADER: usize = 19 + LABEL_LENGTH;
/// Bytes of the AES-CCM nonce.
pub const NONCE: usize = 13;
/// Bytes of the AES-CCM tag.
pub const TAG: usize = 16;

/// Seals `plaintext` under `wrap_key`.
pub fn seal(wrap_key: &Object, plaintext: &[u8]) -> Result<Vec<u8>, DeviceError> {
    let mut sealed = vec![0; NONCE];
    OsRng.fill_bytes(&mut sealed);
    let nonce = Nonce::<U13>::clone_from_slice(&sealed);
    let key = wrap_key.secret.expose();
    let ciphertext = match wrap_key.algorithm {
        algorithm::AES128_CCM_WRAP => encrypt::<Ccm<Aes128, U16, U13>>(key, &nonce, plaintext),
        algorithm::AES192_CCM_WRAP => encrypt::<Ccm<Aes192, U16, U13>>(key, &nonce, plaintext),
        algorithm::AES256_CCM_WRAP => encrypt::<Ccm<Aes256, U16, U13>>(key, &nonce, plaintext),
        _ => Err(DeviceError::InvalidData),
    }?;
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// Opens what [`seal`] made. Anything else is `INVALID_DATA`.
pub fn open(wrap_key: &Object, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    if sealed.len() < NONCE + TAG {
        return Err(DeviceError::WrongLength);
    }
    let (nonce, ciphertext) = sealed.split_at(NONCE);
    let nonce = Nonce::<U13>::clone_from_slice(nonce);
    let key = wrap_key.secret.expose();
    match wrap_key.algorithm {
        algorithm::AES128_CCM_WRAP => decrypt::<Ccm<Aes128, U16, U13>>(key, &nonce, ciphertext),
        algorithm::AES192_CCM_WRAP => decrypt::<Ccm<Aes192, U16, U13>>(key, &nonce, ciphertext),
        algorithm::AES256_CCM_WRAP => decrypt::<Ccm<Aes256, U16, U13>>(key, &nonce, ciphertext),
        _ => Err(DeviceError::InvalidData),
    }
}

fn encrypt<C>(key: &[u8], nonce: &Nonce<U13>, plaintext: &[u8]) -> Result<Vec<u8>, DeviceError>
where
    C: KeyInit + Aead + ccm::aead::AeadCore<NonceSize = U13>,
{
    let cipher = C::new_from_slice(key).map_err(|_| DeviceError::InvalidData)?;
    cipher.encrypt(nonce, plaintext).map_err(|_| DeviceError::InvalidData)
}

fn decrypt<C>(
    key: &[u8],
    nonce: &Nonce<U13>,
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DeviceError>
where
    C: KeyInit + Aead + ccm::aead::AeadCore<NonceSize = U13>,
{
    let cipher = C::new_from_slice(key).map_err(|_| DeviceError::InvalidData)?;
    cipher.decrypt(nonce, ciphertext).map(Zeroizing::new).map_err(|_| DeviceError::InvalidData)
}

/// Writes an object as it travels under `wrap_key`.
pub fn encode(object: &Object, wrap_key: &Object) -> Zeroizing<Vec<u8>> {
    let secret = object.secret.expose();
    let delegated = if object.kind.has_delegated() {
        object.delegated.0.to_be_bytes().to_vec()
    } else {
        Vec::new()
    };
    // Bounded by the message buffer (3,136 bytes).
    let length = u16::try_from(delegated.len() + secret.len()).unwrap_or(u16::MAX);
    let mut out = Zeroizing::new(Vec::with_capacity(HEADER + delegated.len() + secret.len()));
    out.push(wrap_key.algorithm);
    out.extend_from_slice(&object.capabilities.0.to_be_bytes());
    out.extend_from_slice(&object.id.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&object.domains.to_be_bytes());
    out.extend_from_slice(&[
        object.kind as u8,
        object.algorithm,
        object.sequence,
        object.origin.byte(),
    ]);
    out.extend_from_slice(&object.label.0);
    out.extend_from_slice(&delegated);
    out.extend_from_slice(secret);
    out
}

/// Reads what [`encode`] or `yubihsm-wrap` wrote; the origin gains the mark of a wrapped import.
pub fn decode(plaintext: &[u8], wrap_key: &Object) -> Result<Object, DeviceError> {
    let mut input = Input::new(plaintext);
    if input.u8()? != wrap_key.algorithm {
        return Err(DeviceError::InvalidData);
    }
    let capabilities = input.capabilities()?;
    let id = input.u16()?;
    let length = usize::from(input.u16()?);
    let domains = input.u16()?;
    let kind = ObjectType::from_byte(input.u8()?)?;
    let algorithm = input.u8()?;
    let sequence = input.u8()?;
    let origin = Origin::from_byte(input.u8()?)?.under_wrap();
    let label = Label(input.array()?);
    if plaintext.len() != HEADER + length {
        return Err(DeviceError::WrongLength);
    }
    let delegated = if kind.has_delegated() { input.capabilities()? } else { Capabilities::NONE };
    let secret = Secret::new(input.rest());
    Ok(Object {
        id,
        kind,
        algorithm,
        label,
        domains,
        capabilities,
        delegated,
        sequence,
        origin,
        secret,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::firmware::Firmware;

    fn wrap_key(algorithm: u8) -> Object {
        let length = algorithm::wrap_key_length(algorithm).unwrap();
        Object {
            id: 0x0301,
            kind: ObjectType::WrapKey,
            algorithm,
            label: Label::from_text("wrap"),
            domains: 1,
            capabilities: Capabilities::EXPORT_WRAPPED,
            delegated: Capabilities::EXPORTABLE_UNDER_WRAP,
            sequence: 0,
            origin: Origin::IMPORTED,
            secret: Secret::new(vec![7; length]),
        }
    }

    fn fleet_key() -> Object {
        Object {
            id: 0x0103,
            kind: ObjectType::AsymmetricKey,
            algorithm: algorithm::EC_P256,
            label: Label::from_text("fleet"),
            domains: 1,
            capabilities: Capabilities::DERIVE_ECDH,
            delegated: Capabilities::NONE,
            sequence: 2,
            origin: Origin::GENERATED,
            secret: Secret::new(vec![9; 32]),
        }
    }

    #[test]
    fn the_header_is_laid_out_as_yubihsm_wrap_does() {
        let encoded = encode(&fleet_key(), &wrap_key(algorithm::AES256_CCM_WRAP));
        let expected = format!(
            "2a0000000000000800010300200001030c0201{}{}{}",
            "666c656574",
            "00".repeat(35),
            "09".repeat(32)
        );
        assert_eq!(hex::encode(&*encoded), expected);
    }

    #[test]
    fn every_wrap_algorithm_opens_what_it_sealed_and_nothing_altered() {
        for algorithm in
            [algorithm::AES128_CCM_WRAP, algorithm::AES192_CCM_WRAP, algorithm::AES256_CCM_WRAP]
        {
            let key = wrap_key(algorithm);
            let mut sealed = seal(&key, b"secret").unwrap();
            assert_eq!(sealed.len(), NONCE + 6 + TAG);
            assert_eq!(open(&key, &sealed).unwrap().as_slice(), b"secret");
            sealed[NONCE] ^= 1;
            assert_eq!(open(&key, &sealed), Err(DeviceError::InvalidData));
        }
    }

    #[test]
    fn an_object_comes_back_marked_as_imported_under_wrap() {
        let key = wrap_key(algorithm::AES128_CCM_WRAP);
        for object in [fleet_key(), wrap_key(algorithm::AES192_CCM_WRAP)] {
            let decoded = decode(&encode(&object, &key), &key).unwrap();
            assert_eq!(decoded.origin, object.origin.under_wrap());
            assert_eq!(decoded, Object { origin: decoded.origin, ..object });
            decoded.check(Firmware::V2_4_0).unwrap();
        }
    }

    #[test]
    fn a_header_for_another_wrap_algorithm_or_length_is_refused() {
        let (key, other) =
            (wrap_key(algorithm::AES128_CCM_WRAP), wrap_key(algorithm::AES256_CCM_WRAP));
        let mut encoded = encode(&fleet_key(), &key);
        assert_eq!(decode(&encoded, &other), Err(DeviceError::InvalidData));
        encoded.push(0);
        assert_eq!(decode(&encoded, &key), Err(DeviceError::WrongLength));
    }

    proptest! {
        #[test]
        fn any_plaintext_is_an_object_or_an_error(
            mut plaintext in proptest::collection::vec(any::<u8>(), HEADER..HEADER + 60),
            kind in 0u8..11,
        ) {
            let key = wrap_key(algorithm::AES128_CCM_WRAP);
            let length = (plaintext.len() - HEADER) as u16;
            plaintext[0] = key.algorithm;
            plaintext[11..13].copy_from_slice(&length.to_be_bytes());
            plaintext[15] = kind;
            if let Ok(object) = decode(&plaintext, &key) {
                let _ = object.check(Firmware::V2_4_0);
            }
        }

        #[test]
        fn any_sealed_bytes_are_opened_or_refused(sealed in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(open(&wrap_key(algorithm::AES128_CCM_WRAP), &sealed).is_err());
        }
    }
}
