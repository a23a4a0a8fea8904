//! `SET OPTION` (0x4f): tag (1), length (2), value.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::device_error::DeviceError;
use crate::input::Input;

/// One byte: the force-audit setting.
pub const FORCE_AUDIT: u8 = 0x01;
/// Pairs of command code and setting.
pub const COMMAND_AUDIT: u8 = 0x03;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let tag = input.u8()?;
    let length = usize::from(input.u16()?);
    let value = input.rest();
    if value.len() != length {
        return Err(DeviceError::WrongLength);
    }
    match tag {
        FORCE_AUDIT => call.state.options.set_force(value),
        COMMAND_AUDIT => call.state.options.set_commands(value),
        // Which algorithms are emulated cannot be changed, and this is no FIPS device.
        _ => Err(DeviceError::InvalidData),
    }?;
    Ok(Zeroizing::default())
}
