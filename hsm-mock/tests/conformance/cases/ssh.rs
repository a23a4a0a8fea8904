//! SSH certificates.

use hsm_mock::DeviceError::{InvalidData, SshCaConstraintViolation};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use rsa::Pkcs1v15Sign;
use sha2::{Digest, Sha256};

use super::rsa::{KEY, modulus, primes};
use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::Device;
use crate::source::SSH;

const RSA2048: u8 = 9;
const PKCS1_SHA256: u8 = 2;
const NOW: u32 = 1_700_000_000;
const HOUR: u32 = 3600;

pub(super) const ROWS: &[Behaviour] = &[
    does(0x5d, "the certificate's signature, if its template allows it", SSH, |device| {
        let certificate = certificate("user", NOW, NOW + HOUR);
        let field = sign(device, &certificate)?;
        let signature = &field[field.len() - 256..];
        let key = RsaPublicKeyComponents { n: modulus(), e: vec![1, 0, 1] };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, &certificate, signature).unwrap();
        Ok(())
    }),
    refuses(0x5d, SshCaConstraintViolation, "a principal that is blocked", SSH, |device| {
        sign(device, &certificate("root", NOW, NOW + HOUR)).map(drop)
    }),
    refuses(0x5d, SshCaConstraintViolation, "a certificate valid for too long", SSH, |device| {
        sign(device, &certificate("user", NOW, NOW + HOUR + 1)).map(drop)
    }),
    refuses(0x5d, SshCaConstraintViolation, "a time that another key signed", SSH, |device| {
        let certificate = certificate("user", NOW, NOW + HOUR);
        put(device)?;
        let request = [&head()[..], &[1; 256], &certificate].concat();
        device.command(0x5d, &request).map(drop)
    }),
    refuses(0x5d, InvalidData, "what is no certificate", SSH, |device| {
        sign(device, b"certificate").map(drop)
    }),
];

/// CA key 5 and template 6, whose time the same key signs.
fn put(device: &mut Device) -> Outcome {
    device.put(0x45, 5, can::SIGN_SSH, RSA2048, &primes())?;
    let hour = HOUR.to_be_bytes();
    let fields: [(u8, &[u8]); 6] =
        [(1, &[RSA2048]), (2, &modulus()), (3, &[0, 5]), (4, &hour), (5, &hour), (6, b"root\0")];
    let template = fields.map(|(tag, value)| {
        [&[tag][..], &u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
    });
    device.put(0x5e, 6, 0, 36, &template.concat())
}

/// CA key, template, algorithm, time.
fn head() -> Vec<u8> {
    [&[0, 5, 0, 6, PKCS1_SHA256][..], &NOW.to_be_bytes()].concat()
}

fn sign(device: &mut Device, certificate: &[u8]) -> Outcome<Vec<u8>> {
    put(device)?;
    let mut time = Sha256::digest(certificate).to_vec();
    time.extend(NOW.to_be_bytes());
    let signed = KEY.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(&time)).unwrap();
    device.command(0x5d, &[&head()[..], &signed, certificate].concat())
}

/// An RSA user certificate without its signature.
fn certificate(principal: &str, valid_after: u32, valid_before: u32) -> Vec<u8> {
    let string =
        |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
    let user = 1u32;
    [
        string(b"ssh-rsa-cert-v01@openssh.com"),
        string(&[7; 32]),
        string(&[1, 0, 1]),
        string(&[&[0], &modulus()[..]].concat()),
        1u64.to_be_bytes().to_vec(),
        user.to_be_bytes().to_vec(),
        string(b"key id"),
        string(&string(principal.as_bytes())),
        u64::from(valid_after).to_be_bytes().to_vec(),
        u64::from(valid_before).to_be_bytes().to_vec(),
        string(b""),
        string(b""),
        string(b""),
        string(&[string(b"ssh-rsa"), string(&[1, 0, 1]), string(&modulus())].concat()),
    ]
    .concat()
}
