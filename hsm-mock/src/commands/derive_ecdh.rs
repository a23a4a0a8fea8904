//! `DERIVE ECDH` (0x57): key id (2), an uncompressed point (65). Answer: the x coordinate of the shared point (32).

use p256::{PublicKey, ecdh};
use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

/// 04 || x || y.
const POINT: usize = 65;
const UNCOMPRESSED: u8 = 0x04;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call
        .capable_target(ObjectType::AsymmetricKey, id, Capabilities::DERIVE_ECDH)?
        .p256_key()?;
    let point = read_point(input.rest())?;
    let shared = ecdh::diffie_hellman(key.to_nonzero_scalar(), point.as_affine());
    Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
}

/// A point on the curve other than infinity.
fn read_point(bytes: &[u8]) -> Result<PublicKey, DeviceError> {
    if bytes.len() != POINT {
        return Err(DeviceError::WrongLength);
    }
    if bytes[0] != UNCOMPRESSED {
        return Err(DeviceError::InvalidData);
    }
    PublicKey::from_sec1_bytes(bytes).map_err(|_| DeviceError::InvalidData)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points that Yubico's own client tests expect the device to refuse, and forms it does not take.
    #[test]
    fn points_off_the_curve_are_invalid_data() {
        let off_curve = "04cdeb39edd03e2b1a11a5e134ec99d5f25f21673d403f3ecb47bd1fa676638958\
                         ea58493b8429598c0b49bbb85c3303ddb1553c3b761c2caacca71606ba9ebaca";
        let bad = [
            off_curve.to_owned(),
            format!("04{}", "00".repeat(64)),
            format!("04{}", "ff".repeat(64)),
        ];
        for point in bad {
            assert_eq!(read_point(&hex::decode(point).unwrap()), Err(DeviceError::InvalidData));
        }
        assert_eq!(read_point(&[5; 65]), Err(DeviceError::InvalidData));
        assert_eq!(read_point(&[0]), Err(DeviceError::WrongLength));
        assert_eq!(read_point(&[2; 33]), Err(DeviceError::WrongLength));
    }
}
