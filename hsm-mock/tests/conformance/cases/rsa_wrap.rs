//! RSA wrap keys.

use aes_kw::KwpAes128;
use hsm_mock::DeviceError::{InsufficientPermissions, InvalidData, WrongLength};
use rsa::Oaep;
use sha2::{Digest, Sha256};

use super::rsa::{KEY, MGF1_SHA256, modulus, primes};
use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::{Device, new};
use crate::source::{COMMANDS, PYTHON};

const RSA2048: u8 = 9;
const OAEP_SHA256: u8 = 26;
const AES128: u8 = 50;
const ALL_DELEGATED: [u8; 8] = [0xff; 8];
/// Hashes of OAEP and MGF1.
const HASHES: [u8; 2] = [OAEP_SHA256, MGF1_SHA256];

pub(super) const ROWS: &[Behaviour] = &[
    does(0x73, "a modulus, which is its public key", COMMANDS, |device| {
        put_keys(device)?;
        // The public key of an object that is not an asymmetric key is asked for with its type.
        assert_eq!(device.command(0x54, &[0, 5, 9])?[1..], modulus());
        Ok(())
    }),
    refuses(0x73, WrongLength, "a modulus of another length", COMMANDS, |device| {
        device.put(0x73, 5, 0, RSA2048, &[&ALL_DELEGATED[..], &[0xff; 255]].concat())
    }),
    does(0x74, "the private key alone, which other software can open", PYTHON, |device| {
        put_keys(device)?;
        device.put(0x6d, 6, can::EXPORTABLE, AES128, &[9; 16])?;
        let wrapped = export(device, 0x74, 8)?;
        let (sealed, wrapped) = wrapped.split_at(256);
        let aes = KEY.decrypt(Oaep::<Sha256>::new(), sealed).unwrap();
        let mut key = [0; 16];
        let kek = <KwpAes128 as ccm::aead::KeyInit>::new_from_slice(&aes).unwrap();
        assert_eq!(kek.unwrap_key(wrapped, &mut key).unwrap(), [9; 16]);
        Ok(())
    }),
    does(0x75, "what GET RSA WRAPPED KEY gave, as a new object", PYTHON, |device| {
        put_keys(device)?;
        device.put(0x46, 6, can::EXPORTABLE, 12, &[])?;
        let before = device.public_key(6)?;
        let wrapped = export(device, 0x74, 3)?;
        let head = new(7, 1, 0, 12);
        let request = [&[0, 5, 3][..], &head, &HASHES, &wrapped, &Sha256::digest(b"")].concat();
        assert_eq!(device.command(0x75, &request)?, [3, 0, 7]);
        assert_eq!(device.public_key(7)?, before);
        Ok(())
    }),
    does(0x76, "an object that IMPORT RSA WRAPPED takes", PYTHON, |device| {
        put_keys(device)?;
        device.put(0x46, 6, can::EXPORTABLE, 12, &[])?;
        let before = device.public_key(6)?;
        let wrapped = export(device, 0x76, 3)?;
        device.command(0x58, &[0, 6, 3])?;
        assert_eq!(import(device, &wrapped)?, [3, 0, 6]);
        assert_eq!(device.public_key(6)?, before);
        Ok(())
    }),
    refuses(
        0x76,
        InsufficientPermissions,
        "an object that is not exportable",
        COMMANDS,
        |device| {
            put_keys(device)?;
            device.put(0x46, 6, 0, 12, &[])?;
            export(device, 0x76, 3).map(drop)
        },
    ),
    does(0x77, "the object is marked as imported under wrap", PYTHON, |device| {
        put_keys(device)?;
        device.put(0x46, 6, can::EXPORTABLE, 12, &[])?;
        let wrapped = export(device, 0x76, 3)?;
        device.command(0x58, &[0, 6, 3])?;
        import(device, &wrapped)?;
        assert_eq!(device.command(0x4e, &[0, 6, 3])?[17], 0x11);
        Ok(())
    }),
    refuses(0x77, InvalidData, "altered bytes", COMMANDS, |device| {
        put_keys(device)?;
        device.put(0x46, 6, can::EXPORTABLE, 12, &[])?;
        let mut wrapped = export(device, 0x76, 3)?;
        wrapped[300] ^= 1;
        import(device, &wrapped).map(drop)
    }),
];

/// The private wrap key and its public half, both with id 5.
fn put_keys(device: &mut Device) -> Outcome {
    let private = [&ALL_DELEGATED[..], &primes()].concat();
    device.put(0x4c, 5, can::IMPORT_WRAPPED, RSA2048, &private)?;
    let public = [&ALL_DELEGATED[..], &modulus()].concat();
    device.put(0x73, 5, can::EXPORT_WRAPPED, RSA2048, &public)
}

/// Object 6 of a type.
fn export(device: &mut Device, code: u8, kind: u8) -> Outcome<Vec<u8>> {
    let request = [&[0, 5, kind, 0, 6, AES128][..], &HASHES, &Sha256::digest(b"")].concat();
    device.command(code, &request)
}

fn import(device: &mut Device, wrapped: &[u8]) -> Outcome<Vec<u8>> {
    device.command(0x77, &[&[0, 5], &HASHES, wrapped, &Sha256::digest(b"")].concat())
}
