//! `SIGN HMAC` (0x53): key id (2), the data. Answer: the tag.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::crypto::hash::Hash;
use crate::crypto::hmac;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::HmacKey, id, Capabilities::SIGN_HMAC)?;
    let hash = Hash::of_hmac(key.algorithm).ok_or(DeviceError::InvalidData)?;
    Ok(Zeroizing::new(hmac::sign(hash, key.secret.expose(), input.rest())))
}
