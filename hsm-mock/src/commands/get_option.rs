//! `GET OPTION` (0x50): tag (1). Answer: the value, in the form `SET OPTION` takes it.

use zeroize::Zeroizing;

use super::set_option::{COMMAND_AUDIT, FORCE_AUDIT};
use super::{Answer, Call};
use crate::algorithm;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::input::Input;

/// Pairs of algorithm and 1 (enabled) or 0, since firmware 2.2.0.
const ALGORITHM_TOGGLE: u8 = 0x04;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let tag = input.u8()?;
    input.finish()?;
    let value = match tag {
        FORCE_AUDIT => call.state.options.encode_force(),
        COMMAND_AUDIT => call.state.options.encode_commands(call.firmware),
        ALGORITHM_TOGGLE if call.firmware >= Firmware::V2_2_0 => enabled_algorithms(call.firmware),
        _ => return Err(DeviceError::InvalidData),
    };
    Ok(Zeroizing::new(value))
}

fn enabled_algorithms(firmware: Firmware) -> Vec<u8> {
    (1..=firmware.last_algorithm())
        .flat_map(|number| [number, u8::from(algorithm::is_emulated(number))])
        .collect()
}
