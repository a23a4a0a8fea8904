//! `UNWRAP DATA` (0x69): wrap key id (2), nonce (13), ciphertext, tag (16). Answer: the data.

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{ObjectType, wrapped};

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.target(ObjectType::WrapKey, id)?;
    // Unlike everywhere else, the device calls a key without the capability invalid data.
    if !key.capabilities.contains(Capabilities::UNWRAP_DATA) {
        return Err(DeviceError::InvalidData);
    }
    wrapped::open(key, input.rest())
}
