//! CTAPHID (CTAP 2.1, 11.2): messages cut into reports of 64 bytes.

mod assembly;
mod command;
mod report;

pub(crate) use assembly::Assembly;
pub(crate) use command::{Command, ErrorCode, capability};
pub(crate) use report::{Packet, REPORT, Report};

/// Whoever has no channel yet asks for one here.
pub(crate) const BROADCAST: u32 = 0xffff_ffff;

/// 57 bytes in the first report and 59 in each of the 128 that may follow (CTAP 2.1, 11.2.4).
pub(crate) const MAX_MESSAGE: usize = 57 + 128 * 59;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub channel: u32,
    pub command: u8,
    pub bytes: Vec<u8>,
}

impl Message {
    pub(crate) fn new(channel: u32, command: Command, bytes: impl Into<Vec<u8>>) -> Self {
        Self { channel, command: command as u8, bytes: bytes.into() }
    }

    pub(crate) fn error(channel: u32, code: ErrorCode) -> Self {
        Self::new(channel, Command::Error, [code as u8])
    }
}
