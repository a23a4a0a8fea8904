//! HPKE boxes (RFC 9180, base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM).
//!
//! A client seals with the `hpke` crate. A site opens with one ECDH of its device; that crate holds
//! private keys itself, so decapsulation and the key schedule of RFC 9180 sections 4.1 and 5.1 are
//! here.

use crate::device_key::{DeviceKey, DeviceKeyError, compress, decompress};
use aes_gcm::aead::{Aead, KeyInit};
use hkdf::Hkdf;
use hpke::{
    Deserializable, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256, kem::DhP256HkdfSha256,
};
use rand_core::CryptoRngCore;
use sha2::Sha256;
use vault_protocol::{BoxContents, PasskeyShare, Point, SealedBox};
use zeroize::Zeroizing;

const KEM_ID: u16 = 0x0010;
const KDF_ID: u16 = 0x0001;
const AEAD_ID: u16 = 0x0002;
/// The encapsulated key stands compressed in a box; the KEM itself uses the uncompressed form of
/// RFC 9180.
const ENC_LEN: usize = 33;

/// Why a box was not made or not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The bundle's key for this device is wrong.
    #[error("the recipient's key is not a point of the curve")]
    BadKey,
    /// Altered, for another device, or for another fleet, account, version, credential or site.
    #[error("the box does not open here")]
    DoesNotOpen,
    /// The private key did not do its work.
    #[error(transparent)]
    Device(#[from] DeviceKeyError),
}

/// Seals `contents` to a device's seal key, bound to `info` ([`vault_protocol::box_info`]).
pub fn seal_box(
    to: &Point,
    info: &[u8],
    contents: &BoxContents,
    rng: &mut impl CryptoRngCore,
) -> Result<SealedBox, SealError> {
    seal(to, info, &contents.to_bytes(), rng).map(SealedBox)
}

/// Opens a box with one ECDH of the device.
pub fn open_box(
    sealed: &SealedBox,
    info: &[u8],
    key: &dyn DeviceKey,
) -> Result<BoxContents, SealError> {
    let plaintext = open(&sealed.0, info, key)?;
    BoxContents::from_bytes(&plaintext).map_err(|_| SealError::DoesNotOpen)
}

/// As [`seal_box`], for a passkey's box ([`vault_protocol::passkey_box_info`]).
pub fn seal_passkey_box(
    to: &Point,
    info: &[u8],
    share: &PasskeyShare,
    rng: &mut impl CryptoRngCore,
) -> Result<SealedBox, SealError> {
    seal(to, info, &share.0, rng).map(SealedBox)
}

/// Opens a passkey's box with one ECDH of the device.
pub fn open_passkey_box(
    sealed: &SealedBox,
    info: &[u8],
    key: &dyn DeviceKey,
) -> Result<PasskeyShare, SealError> {
    let plaintext = open(&sealed.0, info, key)?;
    let share = plaintext.as_slice().try_into().map_err(|_| SealError::DoesNotOpen)?;
    Ok(PasskeyShare(share))
}

fn seal(
    to: &Point,
    info: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRngCore,
) -> Result<Vec<u8>, SealError> {
    type Kem = DhP256HkdfSha256;
    let recipient =
        <Kem as hpke::Kem>::PublicKey::from_bytes(&to.0).map_err(|_| SealError::BadKey)?;
    let mut rng = NextRng(rng);
    let (enc, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Base,
        &recipient,
        info,
        plaintext,
        b"",
        &mut rng,
    )
    .map_err(|_| SealError::BadKey)?;
    let enc = Point::from_slice(&enc.to_bytes()).and_then(|enc| compress(&enc));
    Ok([enc.ok_or(SealError::BadKey)?.as_slice(), &ciphertext].concat())
}

/// RFC 9180 SetupBaseR and one Open (sequence number 0).
fn open(sealed: &[u8], info: &[u8], key: &dyn DeviceKey) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (enc, ciphertext) = sealed.split_at_checked(ENC_LEN).ok_or(SealError::DoesNotOpen)?;
    let enc = decompress(enc).ok_or(SealError::DoesNotOpen)?;
    let dh = match key.ecdh(&enc) {
        Err(DeviceKeyError::BadPoint) => return Err(SealError::DoesNotOpen),
        other => other?,
    };
    let shared = decapsulate(&dh, &enc, &key.public());
    let (aead_key, nonce) = key_schedule::<32>(&shared, info, AEAD_ID);
    let cipher = aes_gcm::Aes256Gcm::new((&*aead_key).into());
    let opened = cipher.decrypt((&nonce).into(), ciphertext);
    opened.map(Zeroizing::new).map_err(|_| SealError::DoesNotOpen)
}

/// RFC 9180 section 4.1, ExtractAndExpand over the Diffie-Hellman value.
fn decapsulate(dh: &[u8; 32], enc: &Point, public: &Point) -> Zeroizing<[u8; 32]> {
    let suite = [b"KEM".as_slice(), &KEM_ID.to_be_bytes()].concat();
    let context = [enc.0.as_slice(), &public.0].concat();
    let prk = labelled_extract(&suite, b"", b"eae_prk", dh);
    labelled_expand(&suite, &prk, b"shared_secret", &context)
}

/// RFC 9180 section 5.1 in base mode: the AEAD key and the nonce of message 0.
fn key_schedule<const KEY: usize>(
    shared: &[u8; 32],
    info: &[u8],
    aead: u16,
) -> (Zeroizing<[u8; KEY]>, [u8; 12]) {
    let ids = [KEM_ID.to_be_bytes(), KDF_ID.to_be_bytes(), aead.to_be_bytes()].concat();
    let suite = [b"HPKE".as_slice(), &ids].concat();
    let psk_id_hash = labelled_extract(&suite, b"", b"psk_id_hash", b"");
    let info_hash = labelled_extract(&suite, b"", b"info_hash", info);
    let context = [[0u8].as_slice(), &*psk_id_hash, &*info_hash].concat();
    let secret = labelled_extract(&suite, shared, b"secret", b"");
    let key = labelled_expand(&suite, &secret, b"key", &context);
    let nonce: Zeroizing<[u8; 12]> = labelled_expand(&suite, &secret, b"base_nonce", &context);
    (key, *nonce)
}

fn labelled_extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> Zeroizing<[u8; 32]> {
    let labelled = Zeroizing::new([b"HPKE-v1".as_slice(), suite, label, ikm].concat());
    Zeroizing::new(Hkdf::<Sha256>::extract(Some(salt), &labelled).0.into())
}

fn labelled_expand<const N: usize>(
    suite: &[u8],
    prk: &[u8; 32],
    label: &[u8],
    info: &[u8],
) -> Zeroizing<[u8; N]> {
    let length = u16::try_from(N).expect("keys are short").to_be_bytes();
    let info = [length.as_slice(), b"HPKE-v1", suite, label, info].concat();
    let mut out = Zeroizing::new([0; N]);
    Hkdf::<Sha256>::from_prk(prk)
        .and_then(|h| h.expand(&info, &mut *out).map_err(|_| hkdf::InvalidPrkLength))
        .expect("a SHA-256 output is a PRK, and N is short");
    out
}

/// The `hpke` crate speaks the next generation of `rand_core`.
struct NextRng<'a, R>(&'a mut R);

impl<R: CryptoRngCore> rand_core_next::TryRng for NextRng<'_, R> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill_bytes(out);
        Ok(())
    }
}

impl<R: CryptoRngCore> rand_core_next::TryCryptoRng for NextRng<'_, R> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SoftwareKey;
    use rand_core::OsRng;

    fn contents() -> BoxContents {
        BoxContents { masked_share: [2; 32], tag: [3; 32] }
    }

    /// A case of RFC 9180, appendix A.
    struct Case(serde_json::Value);

    impl Case {
        fn bytes(&self, name: &str) -> Vec<u8> {
            hex::decode(self.0[name].as_str().unwrap()).unwrap()
        }

        /// The shared secret, from the encapsulated key as it stands in a box.
        fn decapsulate(&self) -> Zeroizing<[u8; 32]> {
            let key = SoftwareKey::from_bytes(&self.bytes("private_key").try_into().unwrap());
            let key = key.unwrap();
            let enc = Point::from_slice(&self.bytes("enc")).unwrap();
            let compressed = compress(&enc).unwrap();
            assert_eq!(decompress(&compressed).unwrap(), enc);
            decapsulate(&key.ecdh(&enc).unwrap(), &enc, &key.public())
        }
    }

    fn rfc_9180() -> [Case; 2] {
        let vectors = include_str!("../tests/vectors/rfc9180-p256.json");
        let mut vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        [Case(vectors["aes_128_gcm"].take()), Case(vectors["chacha20_poly1305"].take())]
    }

    #[test]
    fn a_box_of_rfc_9180_opens() {
        let [case, _] = rfc_9180();
        let shared = case.decapsulate();
        assert_eq!(case.bytes("shared_secret"), *shared);
        let (key, nonce) = key_schedule::<16>(&shared, &case.bytes("info"), 1);
        assert_eq!(case.bytes("key"), *key);
        assert_eq!(case.bytes("base_nonce"), nonce);
        let payload =
            aes_gcm::aead::Payload { msg: &case.bytes("ciphertext"), aad: &case.bytes("aad") };
        let opened = aes_gcm::Aes128Gcm::new((&*key).into()).decrypt((&nonce).into(), payload);
        assert_eq!(opened.unwrap(), case.bytes("plaintext"));
    }

    #[test]
    fn the_key_of_32_bytes_is_that_of_rfc_9180() {
        let [_, case] = rfc_9180();
        let shared = case.decapsulate();
        assert_eq!(case.bytes("shared_secret"), *shared);
        let (key, nonce) = key_schedule::<32>(&shared, &case.bytes("info"), 3);
        assert_eq!(case.bytes("key"), *key);
        assert_eq!(case.bytes("base_nonce"), nonce);
    }

    #[test]
    fn what_the_hpke_crate_seals_a_device_key_opens() {
        let key = SoftwareKey::generate(&mut OsRng);
        let sealed = seal_box(&key.public(), b"here", &contents(), &mut OsRng).unwrap();
        assert!(open_box(&sealed, b"here", &key).unwrap() == contents());
        assert!(sealed.0.len() <= vault_protocol::limits::MAX_BOX);
    }

    #[test]
    fn another_place_another_key_and_every_flipped_bit_are_refused() {
        let key = SoftwareKey::generate(&mut OsRng);
        let sealed = seal_box(&key.public(), b"here", &contents(), &mut OsRng).unwrap();
        assert_eq!(open_box(&sealed, b"there", &key).err(), Some(SealError::DoesNotOpen));
        let other = SoftwareKey::generate(&mut OsRng);
        assert_eq!(open_box(&sealed, b"here", &other).err(), Some(SealError::DoesNotOpen));
        for position in 0..sealed.0.len() {
            let mut altered = sealed.clone();
            altered.0[position] ^= 1;
            assert_eq!(
                open_box(&altered, b"here", &key).err(),
                Some(SealError::DoesNotOpen),
                "byte {position}"
            );
            let cut = SealedBox(sealed.0[..position].to_vec());
            assert!(open_box(&cut, b"here", &key).is_err());
        }
    }
}
