//! Elliptic curves.

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use hsm_mock::DeviceError::{InsufficientPermissions, InvalidData, ObjectNotFound, WrongLength};
use hsm_mock::Firmware;
use p256::ecdsa::signature::hazmat::PrehashVerifier;

use crate::behaviour::Answer::Done;
use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::{Device, ids, new};
use crate::source::{COMMANDS, ED25519, HEADER, PYTHON};

/// Algorithm and bytes of a coordinate: P-224, P-256, P-384, P-521, secp256k1, brainpool.
const CURVES: [(u8, usize); 8] =
    [(47, 28), (12, 32), (13, 48), (14, 66), (15, 32), (16, 32), (17, 48), (18, 64)];
const P256: u8 = 12;
const CURVE25519: u8 = 46;

pub(super) const ROWS: &[Behaviour] = &[
    does(0x45, "a P-256 key, whose public key is that of its private one", COMMANDS, |device| {
        device.put(0x45, 5, 0, P256, &[7; 32])?;
        let secret = p256::SecretKey::from_slice(&[7; 32]).unwrap();
        let point = p256::Sec1Point::from(secret.public_key());
        assert_eq!(device.public_key(5)?, point.as_bytes()[1..]);
        Ok(())
    }),
    refuses(0x45, WrongLength, "a private key of 31 bytes", COMMANDS, |device| {
        device.put(0x45, 5, 0, P256, &[7; 31])
    }),
    refuses(0x45, InvalidData, "an HMAC key's algorithm", COMMANDS, |device| {
        device.put(0x45, 5, 0, 20, &[7; 32])
    }),
    does(0x46, "a key on each of eight curves", HEADER, |device| {
        for (id, (algorithm, size)) in (5..).zip(CURVES) {
            device.put(0x46, id, 0, algorithm, &[])?;
            assert_eq!(device.public_key(id)?.len(), 2 * size, "{algorithm}");
        }
        Ok(())
    }),
    does(0x46, "an Ed25519 key", HEADER, |device| {
        device.put(0x46, 5, 0, CURVE25519, &[])?;
        assert_eq!(device.public_key(5)?.len(), 32);
        Ok(())
    }),
    refuses(0x46, InsufficientPermissions, "without the capability", COMMANDS, |device| {
        device.as_user(0, 0).command(0x46, &new(5, 1, 0, P256)).map(drop)
    }),
    does(0x54, "algorithm and public key", COMMANDS, |device| {
        device.put(0x46, 5, 0, P256, &[])?;
        assert_eq!(device.command(0x54, &[0, 5])?[0], P256);
        Ok(())
    }),
    refuses(0x54, ObjectNotFound, "a key that is not there", COMMANDS, |device| {
        device.command(0x54, &[0, 5]).map(drop)
    }),
    does(0x56, "a signature (DER) that verifies", COMMANDS, |device| {
        device.put(0x46, 5, can::SIGN_ECDSA, P256, &[])?;
        let signature = device.command(0x56, &[&[0, 5][..], &[3; 32]].concat())?;
        let point = [&[4], &device.public_key(5)?[..]].concat();
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
        let signature = p256::ecdsa::Signature::from_der(&signature).unwrap();
        key.verify_prehash(&[3; 32], &signature).unwrap();
        Ok(())
    }),
    does(0x56, "with a key on each of eight curves", HEADER, |device| {
        for (id, (algorithm, size)) in (5..).zip(CURVES) {
            device.put(0x46, id, can::SIGN_ECDSA, algorithm, &[])?;
            let digest = match size {
                28..48 => 20,
                48..64 => 48,
                _ => 64,
            };
            let request = [&id.to_be_bytes()[..], &vec![3; digest]].concat();
            assert_eq!(device.command(0x56, &request)?[0], 0x30, "{algorithm}");
        }
        Ok(())
    }),
    refuses(0x56, WrongLength, "a digest longer than the curve", PYTHON, |device| {
        device.put(0x46, 5, can::SIGN_ECDSA, P256, &[])?;
        device.command(0x56, &[&[0, 5][..], &[3; 64]].concat()).map(drop)
    })
    .then(Firmware::V2_1_0, Done),
    refuses(0x56, WrongLength, "a digest of no hash", COMMANDS, |device| {
        device.put(0x46, 5, can::SIGN_ECDSA, P256, &[])?;
        device.command(0x56, &[0, 5, 1, 2, 3]).map(drop)
    }),
    refuses(0x56, InsufficientPermissions, "with a key that may not", COMMANDS, |device| {
        device.put(0x46, 5, can::DERIVE_ECDH, P256, &[])?;
        device.command(0x56, &[&[0, 5][..], &[3; 32]].concat()).map(drop)
    }),
    does(0x57, "the same secret as the other side's", COMMANDS, |device| {
        device.put(0x46, 5, can::DERIVE_ECDH, P256, &[])?;
        let secret = p256::SecretKey::from_slice(&[7; 32]).unwrap();
        let point = p256::Sec1Point::from(secret.public_key());
        let shared = device.command(0x57, &[&[0, 5], point.as_bytes()].concat())?;
        let theirs = [&[4], &device.public_key(5)?[..]].concat();
        let theirs = p256::PublicKey::from_sec1_bytes(&theirs).unwrap();
        let ours = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), theirs.as_affine());
        assert_eq!(shared, ours.raw_secret_bytes().as_slice());
        Ok(())
    }),
    refuses(0x57, InvalidData, "a point that is not on the curve", PYTHON, |device| {
        device.put(0x46, 5, can::DERIVE_ECDH, P256, &[])?;
        device.command(0x57, &[&[0, 5, 4][..], &[1; 64]].concat()).map(drop)
    }),
    does(0x6a, "a signature that verifies", ED25519, |device| {
        device.put(0x46, 5, can::SIGN_EDDSA, CURVE25519, &[])?;
        let signature = device.command(0x6a, &[&[0, 5][..], b"message"].concat())?;
        let key: [u8; 32] = device.public_key(5)?.try_into().unwrap();
        let key = VerifyingKey::from_bytes(&key).unwrap();
        key.verify_strict(b"message", &Signature::from_slice(&signature).unwrap()).unwrap();
        Ok(())
    }),
    does(0x6a, "the signature of RFC 8032, which has no randomness", ED25519, |device| {
        use ed25519_dalek::Signer;
        device.put(0x45, 5, can::SIGN_EDDSA, CURVE25519, &[7; 32])?;
        let signature = device.command(0x6a, &[&[0, 5][..], b"message"].concat())?;
        assert_eq!(signature, SigningKey::from_bytes(&[7; 32]).sign(b"message").to_bytes());
        Ok(())
    }),
    refuses(0x6a, InvalidData, "with a P-256 key", COMMANDS, sign_with_p256),
];

fn sign_with_p256(device: &mut Device) -> Outcome {
    device.put(0x46, 5, can::SIGN_EDDSA, P256, &[])?;
    device.command(0x6a, &[&ids(&[5])[..], b"message"].concat()).map(drop)
}
