//! `UNWRAP DATA` (0x69): wrap key id (2), nonce (13), ciphertext, tag (16). Answer: the data.

use zeroize::Zeroizing;

use super::wrap_data::{DATA_MARK, data_key};
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::wrapped;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = data_key(call, id, Capabilities::UNWRAP_DATA)?;
    let opened = wrapped::open(&key, input.rest())?;
    match opened.split_first() {
        Some((&DATA_MARK, data)) => Ok(Zeroizing::new(data.to_vec())),
        _ => Err(DeviceError::InvalidData),
    }
}
