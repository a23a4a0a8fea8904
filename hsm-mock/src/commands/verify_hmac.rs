//! `VERIFY HMAC` (0x5c): key id (2), a tag, the data. Answer: 1 if the tag is the data's, else 0.

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
    let key = call.capable_target(ObjectType::HmacKey, id, Capabilities::VERIFY_HMAC)?;
    let hash = Hash::of_hmac(key.algorithm).ok_or(DeviceError::InvalidData)?;
    let rest = input.rest();
    let (tag, data) = rest.split_at_checked(hash.length()).ok_or(DeviceError::WrongLength)?;
    let verified = hmac::verify(hash, key.secret.expose(), data, tag);
    Ok(Zeroizing::new(vec![u8::from(verified)]))
}
