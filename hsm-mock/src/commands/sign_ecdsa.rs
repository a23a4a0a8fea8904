//! `SIGN ECDSA` (0x56): key id (2), a digest. Answer: the signature (DER). Longer digests are cut
//! to the curve's size since firmware 2.1.0; before, clients cut them.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::crypto::ec::Curve;
use crate::crypto::hash::Hash;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::AsymmetricKey, id, Capabilities::SIGN_ECDSA)?;
    let curve = Curve::of(key.algorithm).ok_or(DeviceError::InvalidData)?;
    let digest = input.rest();
    let cut_by_client = call.firmware < Firmware::V2_1_0 && digest.len() == curve.size();
    match Hash::of_length(digest.len()) {
        Some(_) if call.firmware < Firmware::V2_1_0 && digest.len() > curve.size() => {
            return Err(DeviceError::WrongLength);
        }
        Some(hash) => call.require_enabled(hash.ecdsa())?,
        None if cut_by_client => {}
        None => return Err(DeviceError::WrongLength),
    }
    curve.sign(key.secret.expose(), digest, call.rng).map(Zeroizing::new)
}
