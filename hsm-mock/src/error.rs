//! What can go wrong in running the emulator (not in a command: those are [`crate::DeviceError`]).

use std::io;
use std::path::PathBuf;

/// Why an emulator could not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state file exists and cannot be understood. It is left as it is.
    #[error("MOCK state file {path} is damaged ({reason}); it was left untouched")]
    StateDamaged { path: PathBuf, reason: String },
    /// The state file belongs to a device with another serial number.
    #[error("MOCK state file {path} belongs to serial {found}, not {wanted}")]
    StateOfAnotherDevice { path: PathBuf, found: u32, wanted: u32 },
    /// Another process emulates this device now.
    #[error("MOCK state file {path} is in use by another process")]
    StateInUse { path: PathBuf },
    /// Not a firmware version of a YubiHSM2.
    #[error("`{0}` is not a YubiHSM2 firmware version like 2.4.0")]
    Firmware(String),
    /// A certificate could not be made or read.
    #[error("MOCK attestation certificate: {0}")]
    Certificate(String),
    /// Reading, writing or listening failed.
    #[error("{context}: {source}")]
    Io { context: String, source: io::Error },
}

impl Error {
    /// Wraps an I/O error with what was being done.
    pub fn io(context: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let context = context.into();
        move |source| Self::Io { context, source }
    }
}
