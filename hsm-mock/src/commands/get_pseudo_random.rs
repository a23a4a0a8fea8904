//! `GET PSEUDO RANDOM` (0x51): that many random bytes.

use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::device_error::DeviceError;
use crate::frame;
use crate::input::Input;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let length = usize::from(input.u16()?);
    input.finish()?;
    if length > frame::largest_session_data(call.firmware) {
        return Err(DeviceError::InvalidData);
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    OsRng.fill_bytes(&mut bytes);
    Ok(bytes)
}
