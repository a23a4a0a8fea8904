//! PIN/UV auth protocols one and two (CTAP 2.1, 6.5.6 and 6.5.7), the platform's side.

use crate::error::PasskeyError;
use aes::Aes256;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use ciborium::Value;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use p256::ecdh::EphemeralSecret;
use p256::elliptic_curve::sec1::{FromEncodedPoint, ToEncodedPoint};
use p256::{EncodedPoint, PublicKey};
use sealed_keys::{OsRng, RngCore};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    One,
    Two,
}

/// What platform and key share after a key agreement.
pub(super) struct SharedSecret {
    protocol: Protocol,
    mac: Zeroizing<[u8; 32]>,
    aes: Zeroizing<[u8; 32]>,
}

impl Protocol {
    pub(super) fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    /// HMAC-SHA256 under a PIN token; protocol one keeps half of it.
    pub(super) fn authenticate(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(message);
        let tag = mac.finalize().into_bytes();
        match self {
            Self::One => tag[..16].to_vec(),
            Self::Two => tag.to_vec(),
        }
    }
}

impl SharedSecret {
    pub(super) fn agree(protocol: Protocol, mine: &EphemeralSecret, theirs: &PublicKey) -> Self {
        Self::of(protocol, mine.diffie_hellman(theirs).raw_secret_bytes())
    }

    /// From the x-coordinate that ECDH gives.
    fn of(protocol: Protocol, z: &[u8]) -> Self {
        let (mut mac, mut aes) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        match protocol {
            Protocol::One => {
                mac.copy_from_slice(&Sha256::digest(z));
                *aes = *mac;
            }
            Protocol::Two => {
                let keys = Hkdf::<Sha256>::new(Some(&[0; 32]), z);
                keys.expand(b"CTAP2 HMAC key", mac.as_mut()).expect("32 bytes");
                keys.expand(b"CTAP2 AES key", aes.as_mut()).expect("32 bytes");
            }
        }
        Self { protocol, mac, aes }
    }

    /// AES-256-CBC without padding: whole blocks of 16 bytes.
    pub(super) fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        let mut iv = [0; 16];
        if self.protocol == Protocol::Two {
            OsRng.fill_bytes(&mut iv);
        }
        let cipher = cbc::Encryptor::<Aes256>::new((&*self.aes).into(), &iv.into());
        let body = cipher.encrypt_padded_vec_mut::<NoPadding>(plain);
        match self.protocol {
            Protocol::One => body,
            Protocol::Two => [&iv[..], &body].concat(),
        }
    }

    /// Errors: `Damaged` (not whole blocks).
    pub(super) fn decrypt(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, PasskeyError> {
        let (iv, body) = match self.protocol {
            Protocol::One => (&[0; 16], sealed),
            Protocol::Two => sealed.split_first_chunk::<16>().ok_or_else(damaged)?,
        };
        let cipher = cbc::Decryptor::<Aes256>::new((&*self.aes).into(), iv.into());
        cipher.decrypt_padded_vec_mut::<NoPadding>(body).map(Zeroizing::new).map_err(|_| damaged())
    }

    pub(super) fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        self.protocol.authenticate(self.mac.as_ref(), message)
    }
}

/// COSE_Key of a key agreement: EC2, ECDH-ES+HKDF-256 (CTAP 2.1, 6.5.6).
pub(super) fn cose_key(public: &PublicKey) -> Value {
    let point = public.to_encoded_point(false);
    let (x, y) = (point.x().expect("not the identity"), point.y().expect("uncompressed"));
    let entry = |key: i64, value: Value| (Value::from(key), value);
    Value::Map(vec![
        entry(1, 2.into()),
        entry(3, (-25).into()),
        entry(-1, 1.into()),
        entry(-2, Value::Bytes(x.to_vec())),
        entry(-3, Value::Bytes(y.to_vec())),
    ])
}

/// Errors: `Damaged` (not a point of the curve).
pub(super) fn read_cose_key(value: &Value) -> Result<PublicKey, PasskeyError> {
    let map = value.as_map().ok_or_else(damaged)?;
    let coordinate = |key: i64| -> Result<[u8; 32], PasskeyError> {
        let found =
            map.iter().find(|(k, _)| *k == Value::from(key)).and_then(|(_, v)| v.as_bytes());
        found.and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or_else(damaged)
    };
    let point = EncodedPoint::from_affine_coordinates(
        &coordinate(-2)?.into(),
        &coordinate(-3)?.into(),
        false,
    );
    Option::from(PublicKey::from_encoded_point(&point)).ok_or_else(damaged)
}

fn damaged() -> PasskeyError {
    PasskeyError::Damaged("the key's answer".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::SecretKey;
    use p256::ecdh::diffie_hellman;
    use serde_json::Value as Json;

    /// Made by Yubico's python-fido2 (protocol one) and kanidm's webauthn-authenticator-rs
    /// (protocol two).
    #[test]
    fn others_agree_on_the_shared_secret_and_what_is_made_with_it() {
        let vectors: Json = serde_json::from_str(include_str!("pin_protocol.json")).unwrap();
        let bytes = |value: &Json| hex::decode(value.as_str().unwrap()).unwrap();
        let mine = SecretKey::from_slice(&bytes(&vectors["private"])).unwrap();
        let point = |entry: &Json| Value::Bytes(bytes(entry));
        let theirs = Value::Map(vec![
            ((-2).into(), point(&vectors["x"])),
            ((-3).into(), point(&vectors["y"])),
        ]);
        let theirs = read_cose_key(&theirs).unwrap();
        let z = diffie_hellman(mine.to_nonzero_scalar(), theirs.as_affine());

        let one = SharedSecret::of(Protocol::One, z.raw_secret_bytes());
        assert_eq!(one.mac.to_vec(), bytes(&vectors["one"]["secret"]));
        assert_eq!(one.authenticate(&[0xff; 64]), bytes(&vectors["one"]["mac_of_64_ff"]));
        let pin_hash = &Sha256::digest(b"1234")[..16];
        assert_eq!(one.encrypt(pin_hash), bytes(&vectors["one"]["sealed_pin_hash_of_1234"]));

        let two = SharedSecret::of(Protocol::Two, z.raw_secret_bytes());
        assert_eq!([*two.mac, *two.aes].concat(), bytes(&vectors["two"]["secret"]));
        assert_eq!(two.authenticate(&[0xff; 64]), bytes(&vectors["two"]["mac_of_64_ff"]));
        assert_eq!(two.decrypt(&two.encrypt(pin_hash)).unwrap().as_slice(), pin_hash);
        assert_ne!(two.encrypt(pin_hash), two.encrypt(pin_hash), "a fresh IV");
    }

    #[test]
    fn bad_points_and_half_blocks_are_refused() {
        let zero = Value::Bytes(vec![0; 32]);
        let off_curve = Value::Map(vec![((-2).into(), zero.clone()), ((-3).into(), zero)]);
        assert!(read_cose_key(&off_curve).is_err());
        assert!(read_cose_key(&Value::Null).is_err());
        for protocol in [Protocol::One, Protocol::Two] {
            let shared = SharedSecret::of(protocol, &[1; 32]);
            assert!(shared.decrypt(&[0; 15]).is_err());
            assert!(shared.decrypt(&[0; 33]).is_err());
        }
    }
}
