//! `SIGN EDDSA` (0x6a): key id (2), the message. Answer: the signature (64).

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::crypto::ed25519;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::AsymmetricKey, id, Capabilities::SIGN_EDDSA)?;
    if key.algorithm != algorithm::EC_ED25519 {
        return Err(DeviceError::InvalidData);
    }
    ed25519::sign(key.secret.expose(), input.rest()).map(Zeroizing::new)
}
