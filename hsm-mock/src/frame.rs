//! Message framing: code (1 byte), length of data (2 bytes, big endian), data.
//!
//! Source: Yubico, YubiHSM2 "Commands", protocol details of every command.

use zeroize::Zeroizing;

use crate::device_error::DeviceError;
use crate::firmware::Firmware;

/// Set in the code of a successful response.
pub(crate) const RESPONSE: u8 = 0x80;
/// The code of an error response.
pub(crate) const ERROR: u8 = 0x7f;
/// Code and length.
pub(crate) const HEADER: usize = 3;
/// The outer frame of a session message: header, session id (1) and MAC (8).
const SESSION_OVERHEAD: usize = HEADER + 1 + 8;

/// A received message, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub code: u8,
    pub data: &'a [u8],
}

/// Splits a whole message. The length field must match exactly.
pub(crate) fn parse(message: &[u8]) -> Result<Frame<'_>, DeviceError> {
    let (header, data) = message.split_first_chunk::<HEADER>().ok_or(DeviceError::WrongLength)?;
    let [code, high, low] = *header;
    if data.len() != usize::from(u16::from_be_bytes([high, low])) {
        return Err(DeviceError::WrongLength);
    }
    Ok(Frame { code, data })
}

/// A response to `code`: its data, or an error code.
pub(crate) fn response(
    code: u8,
    result: &Result<Zeroizing<Vec<u8>>, DeviceError>,
) -> Zeroizing<Vec<u8>> {
    match result {
        Ok(data) => encode(code | RESPONSE, data),
        Err(error) => encode(ERROR, &[error.code()]),
    }
}

/// Joins code, length and data.
pub(crate) fn encode(code: u8, data: &[u8]) -> Zeroizing<Vec<u8>> {
    // Every response is bounded by the message buffer (3,136 bytes), far below 65,535.
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let mut message = Zeroizing::new(Vec::with_capacity(HEADER + data.len()));
    message.push(code);
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(data);
    message
}

/// The most data an encrypted message can carry: whole cipher blocks in the buffer, less one byte
/// of padding at least and the inner header. 2,028 bytes in a buffer of 2,048 and 3,116 in one of
/// 3,136.
pub(crate) fn largest_session_data(firmware: Firmware) -> usize {
    (firmware.message_buffer() - SESSION_OVERHEAD) / 16 * 16 - 1 - HEADER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_code_length_data() {
        assert_eq!(parse(&[1, 0, 2, 7, 8]), Ok(Frame { code: 1, data: &[7, 8] }));
        assert_eq!(parse(&[1, 0, 3, 7, 8]), Err(DeviceError::WrongLength));
        assert_eq!(parse(&[1, 0]), Err(DeviceError::WrongLength));
    }

    #[test]
    fn the_largest_session_data_fits_the_buffer_exactly() {
        for firmware in [Firmware::V2_2_0, Firmware::V2_4_0] {
            let padded = (HEADER + largest_session_data(firmware) + 1).div_ceil(16) * 16;
            assert!(padded + SESSION_OVERHEAD <= firmware.message_buffer());
            assert!(padded + 16 + SESSION_OVERHEAD > firmware.message_buffer());
        }
        assert_eq!(largest_session_data(Firmware::V2_2_0), 2028);
        assert_eq!(largest_session_data(Firmware::V2_4_0), 3116);
    }
}
