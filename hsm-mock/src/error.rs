//! What can go wrong in running the emulator (not in a command: those are [`crate::DeviceError`]).

use std::io;
use std::path::PathBuf;

/// Why an emulator could not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state file exists and cannot be understood. It is left as it is.
    #[error("MOCK state file {path} is damaged ({reason}); it was left untouched")]
    StateDamaged {
        /// Which file.
        path: PathBuf,
        /// For an engineer.
        reason: String,
    },
    /// The state file belongs to a device with another serial number.
    #[error("MOCK state file {path} belongs to serial {found}, not {wanted}")]
    StateOfAnotherDevice {
        /// Which file.
        path: PathBuf,
        /// Serial number in it.
        found: u32,
        /// Serial number that was asked for.
        wanted: u32,
    },
    /// Another process emulates this device now.
    #[error("MOCK state file {path} is in use by another process")]
    StateInUse {
        /// Which file.
        path: PathBuf,
    },
    /// The state file is another program's, or of a version that this one cannot read. It is left
    /// as it is.
    #[error(
        "MOCK state file {path} cannot be used: {reason}; it was left untouched. Start with another \
         file, or move this one away to begin with a new device"
    )]
    StateFormat {
        /// Which file.
        path: PathBuf,
        /// For an engineer.
        reason: String,
    },
    /// The state was last used with a newer firmware, and a device does not go back.
    #[error(
        "MOCK state file {path} was last used with firmware {found}; a device does not go back to \
         {wanted}. Start it with --firmware {found}, or another file"
    )]
    StateOfNewerFirmware {
        /// Which file.
        path: PathBuf,
        /// Version in it.
        found: String,
        /// Version that was asked for.
        wanted: String,
    },
    /// Not a firmware version of a YubiHSM2.
    #[error(
        "`{0}` is not a firmware version of a YubiHSM2 that is emulated; there are {versions}",
        versions = crate::Firmware::ALL.map(|version| version.to_string()).join(", ")
    )]
    Firmware(String),
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Randomness(String),
    /// A certificate could not be made or read.
    #[error("MOCK attestation certificate: {0}")]
    Certificate(String),
    /// Certificate or key of the connector cannot be used for TLS.
    #[error("certificate and key for TLS: {0}")]
    Tls(String),
    /// Reading, writing or listening failed.
    #[error("{context}: {source}")]
    Io {
        /// What was being done.
        context: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    /// Wraps an I/O error with what was being done.
    pub fn io(context: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let context = context.into();
        move |source| Self::Io { context, source }
    }
}
