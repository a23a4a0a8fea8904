//! `DERIVE ECDH` (0x57): key id (2), an uncompressed point on the key's curve. Answer: the x
//! coordinate of the shared point.

use super::{Answer, Call};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::crypto::ec::Curve;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::AsymmetricKey, id, Capabilities::DERIVE_ECDH)?;
    call.require_enabled(algorithm::EC_ECDH)?;
    let curve = Curve::of(key.algorithm).ok_or(DeviceError::InvalidData)?;
    curve.ecdh(key.secret.expose(), input.rest())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points that Yubico's own client tests expect the device to refuse, and forms it does not
    /// take.
    #[test]
    fn points_off_the_curve_are_invalid_data() {
        let key = Curve::P256.expand_private(&[7; 32]).unwrap();
        let ecdh = |point: &[u8]| Curve::P256.ecdh(&key, point).err();
        let mut off_curve = [&[4], &key[32..]].concat();
        off_curve[64] ^= 1;
        for point in [off_curve, [&[4][..], &[0; 64]].concat(), [&[4][..], &[0xff; 64]].concat()] {
            assert_eq!(ecdh(&point), Some(DeviceError::InvalidData));
        }
        assert_eq!(ecdh(&[5; 65]), Some(DeviceError::InvalidData));
        assert_eq!(ecdh(&[0]), Some(DeviceError::WrongLength));
        assert_eq!(ecdh(&[2; 33]), Some(DeviceError::WrongLength));
    }
}
