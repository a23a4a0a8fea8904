//! One report: the beginning of a message, or more of it.

use super::Message;

/// Bytes of a report.
pub(crate) const REPORT: usize = 64;

pub(crate) type Report = [u8; REPORT];

const START: u8 = 0x80;
/// Channel (4), command (1), length (2).
const START_HEAD: usize = 7;
/// Channel (4), sequence number (1).
const REST_HEAD: usize = 5;

pub(crate) enum Packet<'a> {
    Start { channel: u32, command: u8, length: usize, data: &'a [u8] },
    Rest { channel: u32, sequence: u8, data: &'a [u8] },
}

impl<'a> Packet<'a> {
    pub(crate) fn read(report: &'a Report) -> Self {
        let [c0, c1, c2, c3, kind, high, low, ..] = *report;
        let channel = u32::from_be_bytes([c0, c1, c2, c3]);
        if kind & START == 0 {
            return Self::Rest { channel, sequence: kind, data: &report[REST_HEAD..] };
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        Self::Start { channel, command: kind & !START, length, data: &report[START_HEAD..] }
    }
}

impl Message {
    /// The key's own messages are far below the longest one.
    pub(crate) fn reports(&self) -> Vec<Report> {
        let [high, low] = u16::try_from(self.bytes.len()).expect("at most 7,609").to_be_bytes();
        let (first, rest) = self.bytes.split_at(self.bytes.len().min(REPORT - START_HEAD));
        let start = report(self.channel, &[START | self.command, high, low], first);
        let rest = (0u8..).zip(rest.chunks(REPORT - REST_HEAD));
        [start]
            .into_iter()
            .chain(rest.map(|(sequence, part)| report(self.channel, &[sequence], part)))
            .collect()
    }
}

fn report(channel: u32, head: &[u8], data: &[u8]) -> Report {
    let mut report = [0; REPORT];
    let bytes = [&channel.to_be_bytes(), head, data].concat();
    report[..bytes.len()].copy_from_slice(&bytes);
    report
}
