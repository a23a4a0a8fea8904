//! `WRAP DATA` (0x68): wrap key id (2), data. Answer: nonce (13), ciphertext, tag (16).
//!
//! A zero goes in front of the data before it is sealed, where a sealed object has the algorithm of
//! its wrap key: neither can be opened as the other.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::frame;
use crate::input::Input;
use crate::objects::{Object, ObjectType, wrapped};

/// What distinguishes data from an object.
pub(crate) const DATA_MARK: u8 = 0;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let overhead = wrapped::NONCE + wrapped::TAG + 1;
    let room = frame::largest_session_data(call.firmware) - overhead;
    let key = data_key(call, id, Capabilities::WRAP_DATA)?;
    let plaintext = input.rest();
    if plaintext.is_empty() || plaintext.len() > room {
        return Err(DeviceError::WrongLength);
    }
    let marked = Zeroizing::new([&[DATA_MARK], plaintext].concat());
    wrapped::seal(&key, &marked, call.rng).map(Zeroizing::new)
}

/// A wrap key that may do this with data.
pub(crate) fn data_key(
    call: &mut Call<'_>,
    id: u16,
    needed: Capabilities,
) -> Result<Object, DeviceError> {
    let names_permission = call.firmware.names_missing_permission_for_data();
    let key = call.target(ObjectType::WrapKey, id)?.clone();
    wrapped::aes_key(&key)?;
    call.require_enabled(key.algorithm)?;
    match key.capabilities.contains(needed) {
        true => Ok(key),
        false if names_permission => Err(DeviceError::InsufficientPermissions),
        false => Err(DeviceError::InvalidData),
    }
}
