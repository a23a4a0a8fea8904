//! HMAC and AES keys.

use hsm_mock::DeviceError::{InsufficientPermissions, WrongLength};

use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::Device;
use crate::source::{COMMANDS, HEADER, HMAC, NIST_AES, PYTHON};

const HMAC_SHA256: u8 = 20;
const AES128: u8 = 50;
const KEY: &str = "2b7e151628aed2a6abf7158809cf4f3c";
const IV: &str = "000102030405060708090a0b0c0d0e0f";
const BLOCK: &str = "6bc1bee22e409f96e93d7e117393172a";
const ECB: &str = "3ad77bb40d7a3660a89ecaf32466ef97";
const CBC: &str = "7649abac8119b246cee98e9b12e9197d";
const QUESTION: &[u8] = b"what do ya want for nothing?";
const TAG: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

pub(super) const ROWS: &[Behaviour] = &[
    does(0x52, "keys for four hashes", HEADER, |device| {
        (19..=22).try_for_each(|hash| device.put(0x52, hash.into(), 0, hash, b"key"))
    }),
    refuses(0x52, WrongLength, "a key longer than the hash's block, which clients hash", HEADER, {
        |device| device.put(0x52, 5, can::SIGN_HMAC, HMAC_SHA256, &[7; 65])
    }),
    does(0x53, "the published tag", HMAC, |device| {
        device.put(0x52, 5, can::SIGN_HMAC, HMAC_SHA256, b"Jefe")?;
        let tag = device.command(0x53, &[&[0, 5], QUESTION].concat())?;
        assert_eq!(hex::encode(tag), TAG);
        Ok(())
    }),
    refuses(0x53, InsufficientPermissions, "with a key that may not", COMMANDS, |device| {
        device.put(0x52, 5, can::VERIFY_HMAC, HMAC_SHA256, b"Jefe")?;
        device.command(0x53, &[&[0, 5], QUESTION].concat()).map(drop)
    }),
    does(0x5a, "a key that signs and verifies, for four hashes", HEADER, |device| {
        for hash in 19..=22 {
            device.put(0x5a, hash.into(), can::SIGN_HMAC | can::VERIFY_HMAC, hash, &[])?;
            let tag = device.command(0x53, &[&[0, hash], QUESTION].concat())?;
            let verified = device.command(0x5c, &[&[0, hash], &tag[..], QUESTION].concat())?;
            assert_eq!(verified, [1]);
        }
        Ok(())
    }),
    does(0x5c, "0 for a wrong tag", COMMANDS, |device| {
        device.put(0x52, 5, can::VERIFY_HMAC, HMAC_SHA256, b"Jefe")?;
        let verify = [&[0, 5][..], &[0; 32], QUESTION].concat();
        assert_eq!(device.command(0x5c, &verify)?, [0]);
        Ok(())
    }),
    does(0x6d, "keys of 128, 192 and 256 bits", HEADER, |device| {
        let sizes = [(AES128, 16), (51, 24), (52, 32)];
        sizes.into_iter().try_for_each(|(algorithm, size)| {
            device.put(0x6d, algorithm.into(), 0, algorithm, &vec![7; size])
        })
    }),
    refuses(0x6d, WrongLength, "a key of 15 bytes", COMMANDS, |device| {
        device.put(0x6d, 5, 0, AES128, &[7; 15])
    }),
    does(0x6e, "a key that decrypts what it encrypts", COMMANDS, |device| {
        device.put(0x6e, 5, can::AES, AES128, &[])?;
        let encrypted = device.command(0x70, &[&[0, 5][..], &[1; 32]].concat())?;
        assert_eq!(device.command(0x6f, &[&[0, 5], &encrypted[..]].concat())?, [1; 32]);
        Ok(())
    }),
    does(0x70, "the published ciphertext", NIST_AES, |device| vector(device, 0x70, "", BLOCK, ECB)),
    does(0x6f, "the published plaintext", NIST_AES, |device| vector(device, 0x6f, "", ECB, BLOCK)),
    does(0x72, "the published ciphertext", NIST_AES, |device| vector(device, 0x72, IV, BLOCK, CBC)),
    does(0x71, "the published plaintext", NIST_AES, |device| vector(device, 0x71, IV, CBC, BLOCK)),
    refuses(0x70, WrongLength, "half a block", PYTHON, |device| half(device, 0x70)),
    refuses(0x6f, WrongLength, "half a block", PYTHON, |device| half(device, 0x6f)),
    refuses(0x72, WrongLength, "half a block", PYTHON, |device| half(device, 0x72)),
    refuses(0x71, WrongLength, "half a block", PYTHON, |device| half(device, 0x71)),
    refuses(0x70, InsufficientPermissions, "with a key that may not", COMMANDS, |device| {
        device.put(0x6e, 5, 0, AES128, &[])?;
        device.command(0x70, &[&[0, 5][..], &[1; 16]].concat()).map(drop)
    }),
];

fn vector(device: &mut Device, code: u8, iv: &str, from: &str, to: &str) -> Outcome {
    device.put(0x6d, 5, can::AES, AES128, &hex::decode(KEY).unwrap())?;
    let request = hex::decode(format!("0005{iv}{from}")).unwrap();
    assert_eq!(hex::encode(device.command(code, &request)?), to);
    Ok(())
}

fn half(device: &mut Device, code: u8) -> Outcome {
    device.put(0x6d, 5, can::AES, AES128, &[7; 16])?;
    device.command(code, &[&[0, 5][..], &[1; 24]].concat()).map(drop)
}
