//! `GET OPTION` (0x50): tag (1). Answer: the value, in the form `SET OPTION` takes it.

use zeroize::Zeroizing;

use super::set_option::{ALGORITHM_TOGGLE, COMMAND_AUDIT, FIPS_MODE, FORCE_AUDIT};
use super::{Answer, Call};
use crate::device_error::DeviceError;
use crate::input::Input;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let tag = input.u8()?;
    input.finish()?;
    let options = &call.state.options;
    let value = match tag {
        FORCE_AUDIT => options.encode_force(),
        COMMAND_AUDIT => options.encode_commands(call.firmware),
        ALGORITHM_TOGGLE if call.firmware.toggles_algorithms() => {
            options.encode_algorithms(call.firmware)
        }
        FIPS_MODE => options.encode_fips()?,
        _ => return Err(DeviceError::InvalidData),
    };
    Ok(Zeroizing::new(value))
}
