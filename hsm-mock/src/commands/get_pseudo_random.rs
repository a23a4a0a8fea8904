//! `GET PSEUDO RANDOM` (0x51): a length (2). Answer: that many random bytes.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::device_error::DeviceError;
use crate::frame;
use crate::input::Input;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let length = usize::from(input.u16()?);
    input.finish()?;
    if length > frame::largest_session_data(call.firmware) {
        return Err(DeviceError::InvalidData);
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    call.rng.fill(&mut bytes);
    Ok(bytes)
}
