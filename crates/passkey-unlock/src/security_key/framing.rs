//! CTAPHID (CTAP 2.1, 11.2): messages cut into reports of 64 bytes.

use crate::error::PasskeyError;
use std::io;
use std::time::Duration;

/// Bytes of a report.
pub const REPORT: usize = 64;

/// 57 bytes in the first report and 59 in each of the 128 that may follow (CTAP 2.1, 11.2.4).
const MAX_MESSAGE: usize = 57 + 128 * 59;

/// An open HID device.
pub trait HidPort: Send {
    /// Errors: the device is gone.
    fn write(&mut self, report: &[u8; REPORT]) -> io::Result<()>;

    /// `None` when nothing came in time. Errors: the device is gone.
    fn read(&mut self, timeout: Duration) -> io::Result<Option<[u8; REPORT]>>;
}

/// One whole message. Errors: `Unsupported` (too long).
pub(super) fn reports(
    channel: u32,
    command: u8,
    message: &[u8],
) -> Result<Vec<[u8; REPORT]>, PasskeyError> {
    if message.len() > MAX_MESSAGE {
        return Err(PasskeyError::Unsupported(format!("a message of {} bytes", message.len())));
    }
    let (first, rest) = message.split_at(message.len().min(57));
    let [high, low] = u16::try_from(message.len()).expect("at most 7,609").to_be_bytes();
    let mut out = vec![report(channel, &[0x80 | command, high, low], first)];
    for (sequence, part) in (0u8..).zip(rest.chunks(59)) {
        out.push(report(channel, &[sequence], part));
    }
    Ok(out)
}

fn report(channel: u32, head: &[u8], data: &[u8]) -> [u8; REPORT] {
    let mut out = [0; REPORT];
    let bytes =
        channel.to_be_bytes().into_iter().chain(head.iter().copied()).chain(data.iter().copied());
    out.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = byte);
    out
}

/// A message that is being put together.
#[derive(Default)]
pub(super) struct Message {
    command: u8,
    length: usize,
    next: u8,
    bytes: Option<Vec<u8>>,
}

impl Message {
    /// Errors: `Damaged` (out of sequence, or longer than a message can be).
    pub(super) fn add(
        &mut self,
        channel: u32,
        report: &[u8; REPORT],
    ) -> Result<Option<(u8, Vec<u8>)>, PasskeyError> {
        if report[..4] != channel.to_be_bytes() {
            return Ok(None);
        }
        let data = if report[4] & 0x80 != 0 {
            self.command = report[4] & 0x7f;
            self.length = usize::from(u16::from_be_bytes([report[5], report[6]]));
            self.next = 0;
            self.bytes = Some(vec![]);
            &report[7..]
        } else {
            if self.bytes.is_none() || report[4] != self.next {
                return Err(damaged());
            }
            self.next += 1;
            &report[5..]
        };
        if self.length > MAX_MESSAGE {
            return Err(damaged());
        }
        let bytes = self.bytes.get_or_insert_default();
        bytes.extend_from_slice(&data[..data.len().min(self.length - bytes.len())]);
        if bytes.len() < self.length {
            Ok(None)
        } else {
            Ok(self.bytes.take().map(|bytes| (self.command, bytes)))
        }
    }
}

fn damaged() -> PasskeyError {
    PasskeyError::Damaged("the key's answer".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CBOR: u8 = 0x10;

    #[test]
    fn messages_of_every_length_come_back_whole() {
        for length in [0, 1, 56, 57, 58, 116, 117, 1024, MAX_MESSAGE] {
            let message: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let mut whole = None;
            let mut partial = Message::default();
            for report in reports(7, CBOR, &message).unwrap() {
                assert_eq!(whole, None);
                whole = partial.add(7, &report).unwrap();
            }
            assert_eq!(whole, Some((CBOR, message)));
        }
        assert!(reports(7, CBOR, &vec![0; MAX_MESSAGE + 1]).is_err());
    }

    #[test]
    fn lost_swapped_and_foreign_reports_are_noticed() {
        let reports = reports(7, CBOR, &[1; 200]).unwrap();
        let mut message = Message::default();
        assert_eq!(message.add(7, &reports[0]).unwrap(), None);
        assert_eq!(message.add(8, &reports[1]).unwrap(), None, "another channel");
        assert!(message.add(7, &reports[2]).is_err(), "one is missing");
        assert!(Message::default().add(7, &reports[1]).is_err(), "no beginning");
        let mut endless = reports[0];
        endless[5..7].copy_from_slice(&[0xff, 0xff]);
        assert!(Message::default().add(7, &endless).is_err());
    }
}
