//! Yubico OTPs.

use hsm_mock::DeviceError::{InvalidData, InvalidOtp, WrongLength};

use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::Device;
use crate::source::{COMMANDS, OTP, PYTHON};

const AES128_OTP: u8 = 37;
const NONCE_ID: [u8; 4] = [1, 2, 3, 4];
/// AES key and private id of the published credential.
const CREDENTIAL: &str = "000102030405060708090a0b0c0d0e0f010203040506";
/// Its first one-time password, in hexadecimal.
const PASSWORD: &str = "2f5d71a4915dec304aa13ccf97bb0dbb";

pub(super) const ROWS: &[Behaviour] = &[
    does(0x65, "keys of 128, 192 and 256 bits", COMMANDS, |device| {
        [(37, 16), (39, 24), (40, 32)].into_iter().try_for_each(|(algorithm, size)| {
            let secret = [&NONCE_ID[..], &vec![7; size]].concat();
            device.put(0x65, algorithm.into(), 0, algorithm, &secret)
        })
    }),
    refuses(0x65, WrongLength, "a key of 15 bytes", COMMANDS, |device| {
        device.put(0x65, 5, 0, AES128_OTP, &[7; 4 + 15])
    }),
    does(0x66, "a key that opens what it seals", COMMANDS, |device| {
        device.put(0x66, 5, can::OTP, AES128_OTP, &NONCE_ID)?;
        let aead = create(device, 5)?;
        decrypt(device, 5, &aead, PASSWORD).map(drop)
    }),
    does(0x61, "36 bytes, each time others", COMMANDS, |device| {
        put(device, 5)?;
        let aead = create(device, 5)?;
        assert_eq!(aead.len(), 36);
        assert_ne!(create(device, 5)?, aead);
        Ok(())
    }),
    does(0x62, "the AEAD of a credential that nobody knows", COMMANDS, |device| {
        put(device, 5)?;
        assert_eq!(device.command(0x62, &[0, 5])?.len(), 36);
        Ok(())
    }),
    does(0x63, "the same credential under another key", COMMANDS, |device| {
        put(device, 5)?;
        device.put(0x66, 6, can::OTP, AES128_OTP, &NONCE_ID)?;
        let aead = create(device, 5)?;
        let aead = device.command(0x63, &[&[0, 5, 0, 6], &aead[..]].concat())?;
        decrypt(device, 6, &aead, PASSWORD).map(drop)
    }),
    does(0x60, "counters and time of the published password", OTP, |device| {
        put(device, 5)?;
        let aead = create(device, 5)?;
        assert_eq!(decrypt(device, 5, &aead, PASSWORD)?, [1, 0, 1, 1, 1, 0]);
        Ok(())
    }),
    refuses(0x60, InvalidOtp, "an altered password", OTP, |device| {
        put(device, 5)?;
        let aead = create(device, 5)?;
        decrypt(device, 5, &aead, &PASSWORD.replace("2f", "2e")).map(drop)
    }),
    refuses(0x60, InvalidData, "an altered AEAD", PYTHON, |device| {
        put(device, 5)?;
        let mut aead = create(device, 5)?;
        aead[10] ^= 1;
        decrypt(device, 5, &aead, PASSWORD).map(drop)
    }),
];

fn put(device: &mut Device, id: u16) -> Outcome {
    device.put(0x65, id, can::OTP, AES128_OTP, &[&NONCE_ID[..], &[7; 16]].concat())
}

fn create(device: &mut Device, id: u16) -> Outcome<Vec<u8>> {
    let credential = hex::decode(CREDENTIAL).unwrap();
    device.command(0x61, &[&id.to_be_bytes()[..], &credential].concat())
}

fn decrypt(device: &mut Device, id: u16, aead: &[u8], password: &str) -> Outcome<Vec<u8>> {
    let password = hex::decode(password).unwrap();
    device.command(0x60, &[&id.to_be_bytes()[..], aead, &password].concat())
}
