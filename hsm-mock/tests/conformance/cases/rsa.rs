//! RSA keys.

use std::sync::LazyLock;

use hsm_mock::DeviceError::{InsufficientPermissions, InvalidData, WrongLength};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{Oaep, Pkcs1v15Encrypt, RsaPrivateKey};
use sha2::{Digest, Sha256};

use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::Device;
use crate::source::{COMMANDS, PYTHON, RSA, SIZES};

const RSA2048: u8 = 9;
pub(super) const MGF1_SHA256: u8 = 33;
const MESSAGE: &[u8] = b"message";

/// Made once, always the same.
pub(super) static KEY: LazyLock<RsaPrivateKey> =
    LazyLock::new(|| RsaPrivateKey::new(&mut rng(), 2048).unwrap());

pub(super) fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([1; 32])
}

/// `p || q`, as the device takes a private key.
pub(super) fn primes() -> Vec<u8> {
    let [p, q] = KEY.primes() else { unreachable!() };
    [p.to_be_bytes(), q.to_be_bytes()].concat()
}

pub(super) fn modulus() -> Vec<u8> {
    KEY.n_bytes().to_vec()
}

pub(super) const ROWS: &[Behaviour] = &[
    does(0x45, "an RSA key, as its two primes", COMMANDS, |device| {
        device.put(0x45, 5, 0, RSA2048, &primes())?;
        assert_eq!(device.public_key(5)?, modulus());
        Ok(())
    }),
    refuses(0x45, WrongLength, "RSA primes of another length", COMMANDS, |device| {
        device.put(0x45, 5, 0, RSA2048, &primes()[1..])
    }),
    refuses(0x45, InvalidData, "RSA primes that are none", COMMANDS, |device| {
        device.put(0x45, 5, 0, RSA2048, &[0; 256])
    }),
    does(0x46, "an RSA key, of size 896 for 2,048 bits", SIZES, |device| {
        device.put(0x46, 5, 0, RSA2048, &[])?;
        assert_eq!(device.command(0x4e, &[0, 5, 3])?[10..12], 896u16.to_be_bytes());
        Ok(())
    }),
    does(0x47, "a signature that verifies", RSA, |device| {
        device.put(0x45, 5, can::SIGN_PKCS, RSA2048, &primes())?;
        let signature = device.command(0x47, &[&[0, 5][..], &Sha256::digest(MESSAGE)].concat())?;
        verify(&RSA_PKCS1_2048_8192_SHA256, &signature);
        Ok(())
    }),
    refuses(0x47, WrongLength, "a digest of no hash", COMMANDS, |device| {
        device.put(0x45, 5, can::SIGN_PKCS, RSA2048, &primes())?;
        device.command(0x47, &[0, 5, 1, 2, 3]).map(drop)
    }),
    refuses(0x47, InsufficientPermissions, "with a key that may not", COMMANDS, |device| {
        device.put(0x45, 5, can::SIGN_PSS, RSA2048, &primes())?;
        device.command(0x47, &[&[0, 5][..], &Sha256::digest(MESSAGE)].concat()).map(drop)
    }),
    does(0x55, "a signature that verifies", RSA, |device| {
        let request = [&[0, 5, MGF1_SHA256, 0, 32][..], &Sha256::digest(MESSAGE)].concat();
        device.put(0x45, 5, can::SIGN_PSS, RSA2048, &primes())?;
        verify(&RSA_PSS_2048_8192_SHA256, &device.command(0x55, &request)?);
        Ok(())
    }),
    refuses(0x55, InvalidData, "an algorithm that is no MGF1", COMMANDS, |device| {
        device.put(0x45, 5, can::SIGN_PSS, RSA2048, &primes())?;
        device.command(0x55, &[&[0, 5, 20, 0, 32][..], &[0; 32]].concat()).map(drop)
    }),
    does(0x49, "the message", RSA, |device| {
        let sealed = KEY.to_public_key().encrypt(&mut rng(), Pkcs1v15Encrypt, MESSAGE).unwrap();
        assert_eq!(decrypt(device, 0x49, &[&[0, 5], &sealed[..]].concat())?, MESSAGE);
        Ok(())
    }),
    refuses(
        0x49,
        WrongLength,
        "a ciphertext that is not as long as the modulus",
        PYTHON,
        |device| decrypt(device, 0x49, &[0, 5, 1]).map(drop),
    ),
    refuses(0x49, InvalidData, "what was not encrypted so", RSA, |device| {
        decrypt(device, 0x49, &[&[0, 5], &[1; 256][..]].concat()).map(drop)
    }),
    does(0x59, "the message", RSA, |device| {
        let padding = Oaep::<Sha256>::new();
        let sealed = KEY.to_public_key().encrypt(&mut rng(), padding, MESSAGE).unwrap();
        assert_eq!(oaep(device, &sealed, b"")?, MESSAGE);
        Ok(())
    }),
    refuses(0x59, InvalidData, "another label", RSA, |device| {
        let padding = Oaep::<Sha256>::new();
        let sealed = KEY.to_public_key().encrypt(&mut rng(), padding, MESSAGE).unwrap();
        oaep(device, &sealed, b"other").map(drop)
    }),
];

fn verify(parameters: &RsaParameters, signature: &[u8]) {
    let key = RsaPublicKeyComponents { n: modulus(), e: vec![1, 0, 1] };
    key.verify(parameters, MESSAGE, signature).unwrap();
}

fn decrypt(device: &mut Device, code: u8, request: &[u8]) -> Outcome<Vec<u8>> {
    let can = can::DECRYPT_PKCS | can::DECRYPT_OAEP;
    device.put(0x45, 5, can, RSA2048, &primes())?;
    device.command(code, request)
}

fn oaep(device: &mut Device, sealed: &[u8], label: &[u8]) -> Outcome<Vec<u8>> {
    let request = [&[0, 5, MGF1_SHA256][..], sealed, &Sha256::digest(label)].concat();
    decrypt(device, 0x59, &request)
}
