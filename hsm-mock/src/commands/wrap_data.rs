//! `WRAP DATA` (0x68): wrap key id (2), data. Answer: nonce (13), ciphertext, tag (16).

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::frame;
use crate::input::Input;
use crate::objects::{ObjectType, wrapped};

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let room = frame::largest_session_data(call.firmware) - wrapped::NONCE - wrapped::TAG;
    let key = call.target(ObjectType::WrapKey, id)?;
    // Unlike everywhere else, the device calls a key without the capability invalid data.
    if !key.capabilities.contains(Capabilities::WRAP_DATA) {
        return Err(DeviceError::InvalidData);
    }
    let plaintext = input.rest();
    if plaintext.is_empty() || plaintext.len() > room {
        return Err(DeviceError::WrongLength);
    }
    wrapped::seal(key, plaintext).map(Zeroizing::new)
}
