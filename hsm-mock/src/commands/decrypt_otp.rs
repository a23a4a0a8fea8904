//! `DECRYPT OTP` (0x60): key id (2), an AEAD (36), an OTP (16). Answer: use counter (2, little
//! endian), session counter (1), timestamp high (1) and low (2, little endian).
//!
//! Source: Yubico, "OTP specification": private id (6), use counter (2), timestamp (3), session
//! counter (1), random number (2), CRC (2), little endian, under AES-128.

use zeroize::Zeroizing;

use super::otp_aead;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::crypto::cbc_ecb::{Direction, ecb};
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

/// What the CRC of a whole token, its own CRC included, comes to (ISO 13239).
const RESIDUE: u16 = 0xf0b8;
const PRIVATE_ID: usize = 6;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::OtpAeadKey, id, Capabilities::DECRYPT_OTP)?;
    let aead = input.array()?;
    let otp: [u8; 16] = input.array()?;
    input.finish()?;
    let credential = otp_aead::open(&key, &aead)?;
    let token = ecb(&credential[..16], &otp, Direction::Decrypt)?;
    if token[..PRIVATE_ID] != credential[16..] || crc(&token) != RESIDUE {
        return Err(DeviceError::InvalidOtp);
    }
    let [counter_low, counter_high, time_low, time_middle, time_high, session, ..] =
        token[PRIVATE_ID..]
    else {
        return Err(DeviceError::InvalidOtp);
    };
    Ok(Zeroizing::new(vec![counter_low, counter_high, session, time_high, time_low, time_middle]))
}

fn crc(bytes: &[u8]) -> u16 {
    const POLYNOMIAL: u16 = 0x8408;
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Yubico's first test vector: key 000102…0f, OTP dvgtiblfkbgturecfllberrvkinnctnn.
    #[test]
    fn the_published_token_has_the_residue() {
        let key: Vec<u8> = (0..16).collect();
        let otp = hex::decode("2f5d71a4915dec304aa13ccf97bb0dbb").unwrap();
        let token = ecb(&key, &otp, Direction::Decrypt).unwrap();
        assert_eq!(hex::encode(&token[..6]), "010203040506");
        assert_eq!(crc(&token), RESIDUE);
    }
}
