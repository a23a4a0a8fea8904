//! `SET OPTION` (0x4f): tag (1), length (2), value.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::device_error::DeviceError;
use crate::input::Input;

/// One byte: the force-audit setting.
pub(crate) const FORCE_AUDIT: u8 = 0x01;
/// Pairs of command code and setting.
pub(crate) const COMMAND_AUDIT: u8 = 0x03;
/// Pairs of algorithm and 1 (on) or 0.
pub(crate) const ALGORITHM_TOGGLE: u8 = 0x04;
/// One byte: FIPS mode.
pub(crate) const FIPS_MODE: u8 = 0x05;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let tag = input.u8()?;
    let length = usize::from(input.u16()?);
    let value = input.rest();
    if value.len() != length {
        return Err(DeviceError::WrongLength);
    }
    let options = &mut call.state.options;
    match tag {
        FORCE_AUDIT => options.set_force(value),
        COMMAND_AUDIT => options.set_commands(value),
        ALGORITHM_TOGGLE if call.firmware.toggles_algorithms() => {
            options.set_algorithms(value, call.firmware)
        }
        FIPS_MODE => options.set_fips(value, call.firmware),
        _ => Err(DeviceError::InvalidData),
    }?;
    Ok(Zeroizing::default())
}
