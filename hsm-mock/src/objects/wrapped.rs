//! Objects under wrap: a 59-byte header, delegated capabilities where the type has them, and the
//! secret as the device stores it.
//!
//! Under an AES wrap key: nonce (13) || ciphertext || tag (16). Source: `yhwrap/main.c` in
//! yubihsm-shell (`format_header`, `wrap_data`), which makes them without a device.

use zeroize::Zeroizing;

use super::{LABEL_LENGTH, Label, Object, ObjectType, Origin};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::crypto::ccm::{self, Tag};
use crate::crypto::ed25519;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::rng::DeviceRng;
use crate::secret::Secret;

pub(crate) const NONCE: usize = ccm::NONCE;
pub(crate) const TAG: usize = Tag::Long as usize;
/// Wrap algorithm (1), capabilities (8), id, length, domains (2 each), type, algorithm, sequence,
/// origin (1 each), label (40).
const HEADER: usize = 1 + 8 + 2 + 2 + 2 + 4 + LABEL_LENGTH;

/// Whether an Ed25519 key is exported with its seed: the format byte of `EXPORT WRAPPED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    WithoutSeed = 0,
    WithSeed = 1,
}

/// Seals bytes under an AES wrap key.
///
/// # Errors
/// `INVALID_DATA` for another key.
pub(crate) fn seal(
    wrap_key: &Object,
    plaintext: &[u8],
    rng: &mut DeviceRng,
) -> Result<Vec<u8>, DeviceError> {
    let nonce: [u8; NONCE] = rng.array();
    let mut sealed = nonce.to_vec();
    sealed.extend(ccm::seal(aes_key(wrap_key)?, &nonce, plaintext, Tag::Long)?);
    Ok(sealed)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// `WRONG_LENGTH`, `INVALID_DATA`
pub(crate) fn open(wrap_key: &Object, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let (nonce, ciphertext) =
        sealed.split_first_chunk::<NONCE>().ok_or(DeviceError::WrongLength)?;
    if ciphertext.len() < TAG {
        return Err(DeviceError::WrongLength);
    }
    ccm::open(aes_key(wrap_key)?, nonce, ciphertext, Tag::Long)
}

/// The bytes of an AES wrap key.
///
/// # Errors
/// `INVALID_DATA` for an RSA wrap key: those wrap with commands of their own.
pub(crate) fn aes_key(wrap_key: &Object) -> Result<&[u8], DeviceError> {
    let is_aes = algorithm::aes_key_length(wrap_key.algorithm).is_some();
    if is_aes { Ok(wrap_key.secret.expose()) } else { Err(DeviceError::InvalidData) }
}

/// Writes an object as it travels under `wrap_key`.
///
/// # Errors
/// `INVALID_DATA` if it should come with a seed that it has not.
pub(crate) fn encode(
    object: &Object,
    wrap_key: &Object,
    format: Format,
) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let secret = exported_secret(object, format)?;
    let delegated = if object.kind.has_delegated() {
        object.delegated.0.to_be_bytes().to_vec()
    } else {
        Vec::new()
    };
    let length = delegated.len() + secret.len();
    let mut out = Zeroizing::new(Vec::with_capacity(HEADER + length));
    out.push(wrap_key.algorithm);
    out.extend_from_slice(&object.capabilities.0.to_be_bytes());
    out.extend_from_slice(&object.id.to_be_bytes());
    // Bounded by the message buffer (3,136 bytes).
    out.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(&object.domains.to_be_bytes());
    out.extend_from_slice(&[object.kind as u8, object.algorithm]);
    out.extend_from_slice(&[object.sequence, object.origin.byte()]);
    out.extend_from_slice(&object.label.0);
    out.extend_from_slice(&delegated);
    out.extend_from_slice(secret);
    Ok(out)
}

fn exported_secret(object: &Object, format: Format) -> Result<&[u8], DeviceError> {
    let secret = object.secret.expose();
    let has_seed = object.algorithm == algorithm::EC_ED25519 && secret.len() == ed25519::WITH_SEED;
    match format {
        Format::WithoutSeed if has_seed => Ok(&secret[..ed25519::WITHOUT_SEED]),
        Format::WithoutSeed => Ok(secret),
        Format::WithSeed if has_seed => Ok(secret),
        Format::WithSeed => Err(DeviceError::InvalidData),
    }
}

/// Reads what [`encode`] or `yubihsm-wrap` wrote; the origin gains the mark of a wrapped import.
///
/// # Errors
/// `INVALID_DATA`, `WRONG_LENGTH`
pub(crate) fn decode(plaintext: &[u8], wrap_key: &Object) -> Result<Object, DeviceError> {
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
    use crate::crypto::ec::Curve;
    use crate::firmware::Firmware;

    fn wrap_key(algorithm: u8) -> Object {
        let length = algorithm::aes_key_length(algorithm).unwrap();
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

    fn key(algorithm: u8, secret: &[u8]) -> Object {
        Object {
            id: 0x0103,
            kind: ObjectType::AsymmetricKey,
            algorithm,
            label: Label::from_text("fleet"),
            domains: 1,
            capabilities: Capabilities::DERIVE_ECDH,
            delegated: Capabilities::NONE,
            sequence: 2,
            origin: Origin::GENERATED,
            secret: Secret::new(secret),
        }
    }

    fn fleet_key() -> Object {
        key(algorithm::EC_P256, &Curve::P256.expand_private(&[9; 32]).unwrap())
    }

    fn rng() -> DeviceRng {
        DeviceRng::from_seed(1, 2, 3)
    }

    /// yubihsm-wrap: three times the curve's size follow the header, 184 bytes in all with nonce
    /// and tag.
    #[test]
    fn an_ec_key_is_laid_out_as_yubihsm_wrap_does() {
        let wrap = wrap_key(algorithm::AES256_CCM_WRAP);
        let encoded = encode(&fleet_key(), &wrap, Format::WithoutSeed).unwrap();
        let head = format!("2a0000000000000800010300600001030c0201666c656574{}", "00".repeat(35));
        let private = "09".repeat(32);
        assert_eq!(hex::encode(&encoded[..HEADER + 32]), head + &private);
        assert_eq!(seal(&wrap, &encoded, &mut rng()).unwrap().len(), 184);
    }

    #[test]
    fn an_ed25519_key_leaves_its_seed_behind_unless_asked_for_it() {
        let wrap = wrap_key(algorithm::AES128_CCM_WRAP);
        let whole = key(algorithm::EC_ED25519, &ed25519::from_seed(&[9; 32]));
        let length = |format| encode(&whole, &wrap, format).unwrap().len() - HEADER;
        assert_eq!((length(Format::WithoutSeed), length(Format::WithSeed)), (96, 128));
        let seedless = key(algorithm::EC_ED25519, &ed25519::from_seed(&[9; 32])[..96]);
        assert!(encode(&seedless, &wrap, Format::WithSeed).is_err());
        assert!(encode(&fleet_key(), &wrap, Format::WithSeed).is_err());
    }

    #[test]
    fn every_wrap_algorithm_opens_what_it_sealed_and_nothing_altered() {
        for algorithm in
            [algorithm::AES128_CCM_WRAP, algorithm::AES192_CCM_WRAP, algorithm::AES256_CCM_WRAP]
        {
            let key = wrap_key(algorithm);
            let mut sealed = seal(&key, b"secret", &mut rng()).unwrap();
            assert_eq!(sealed.len(), NONCE + 6 + TAG);
            assert_eq!(open(&key, &sealed).unwrap().as_slice(), b"secret");
            sealed[NONCE] ^= 1;
            assert_eq!(open(&key, &sealed), Err(DeviceError::InvalidData));
        }
    }

    #[test]
    fn an_object_comes_back_marked_as_imported_under_wrap() {
        let wrap = wrap_key(algorithm::AES128_CCM_WRAP);
        for object in [fleet_key(), wrap_key(algorithm::AES192_CCM_WRAP)] {
            let encoded = encode(&object, &wrap, Format::WithoutSeed).unwrap();
            let decoded = decode(&encoded, &wrap).unwrap();
            assert_eq!(decoded.origin, object.origin.under_wrap());
            assert_eq!(decoded, Object { origin: decoded.origin, ..object });
            decoded.check(Firmware::V2_4_0).unwrap();
        }
    }

    #[test]
    fn a_header_for_another_wrap_algorithm_or_length_is_refused() {
        let (key, other) =
            (wrap_key(algorithm::AES128_CCM_WRAP), wrap_key(algorithm::AES256_CCM_WRAP));
        let mut encoded = encode(&fleet_key(), &key, Format::WithoutSeed).unwrap();
        assert_eq!(decode(&encoded, &other), Err(DeviceError::InvalidData));
        encoded.push(0);
        assert_eq!(decode(&encoded, &key), Err(DeviceError::WrongLength));
    }

    proptest! {
        #[test]
        fn any_plaintext_is_an_object_or_an_error(
            mut plaintext in proptest::collection::vec(any::<u8>(), HEADER..HEADER + 120),
            kind in 0u8..11,
            algorithm in 0u8..57,
        ) {
            let key = wrap_key(algorithm::AES128_CCM_WRAP);
            let length = (plaintext.len() - HEADER) as u16;
            plaintext[0] = key.algorithm;
            plaintext[11..13].copy_from_slice(&length.to_be_bytes());
            plaintext[15] = kind;
            plaintext[16] = algorithm;
            if let Ok(object) = decode(&plaintext, &key) {
                let _ = object.check(Firmware::V2_4_0);
            }
        }

        #[test]
        fn any_sealed_bytes_are_opened_or_refused(
            sealed in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            prop_assert!(open(&wrap_key(algorithm::AES128_CCM_WRAP), &sealed).is_err());
        }
    }
}
