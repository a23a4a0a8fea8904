//! `GET DEVICE INFO` (0x06): version (3), serial (4), log size (1), log used (1), algorithms. Also
//! outside a session.
//!
//! Since firmware 2.4.0 an optional argument names a page; page 1 is the part number of the chip.

use zeroize::Zeroizing;

use super::Answer;
use crate::algorithm;
use crate::audit_log::CAPACITY;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::state::State;

/// Where real hardware names its chip.
const PART_NUMBER: &[u8] = b"MOCK";

pub(crate) fn run(state: &State, firmware: Firmware, data: &[u8]) -> Answer {
    match data {
        [] | [0] => Ok(Zeroizing::new(first_page(state, firmware))),
        [1] if firmware.has_device_info_pages() => Ok(Zeroizing::new(PART_NUMBER.to_vec())),
        [_] if firmware.has_device_info_pages() => Err(DeviceError::InvalidData),
        _ => Err(DeviceError::WrongLength),
    }
}

fn first_page(state: &State, firmware: Firmware) -> Vec<u8> {
    let mut page = firmware.0.to_vec();
    page.extend_from_slice(&state.serial.to_be_bytes());
    // Both at most 62.
    let small = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    page.extend_from_slice(&[small(CAPACITY), small(state.log.used())]);
    page.extend(algorithm::known(firmware));
    page
}
