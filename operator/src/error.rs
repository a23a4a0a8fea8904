//! Why the operator's work did not go on.

use std::path::{Path, PathBuf};
use yubihsm_device::HsmError;

/// Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// What is wrong with it.
    #[error("the plan cannot be used: {0}")]
    Plan(String),
    /// Nothing is wrong: another party has to act, then `ceremony resume`.
    #[error("waiting: {0}")]
    Waiting(String),
    /// The device holds something already, and the plan does not say `reset`.
    #[error(
        "device {serial} is not in factory state: {reasons}. Plan with \"reset\": true to erase it."
    )]
    NotFactory {
        /// Which device.
        serial: u32,
        /// What it holds, or how it is set.
        reasons: String,
    },
    #[error(
        "device {serial} has firmware {found}; 2.3.1 or later is needed, and firmware cannot be changed"
    )]
    /// Too old for what a fleet needs.
    OldFirmware {
        /// Which device.
        serial: u32,
        /// Its version.
        found: String,
    },
    /// Verifiers refuse commands that they do not know: one could use a key and leave no line.
    #[error(
        "device {serial} has firmware {found}, which cannot be used: {why}. Take another device, or a newer Keepsake."
    )]
    UnknownFirmware {
        /// Which device.
        serial: u32,
        /// Its version.
        found: String,
        /// What is wrong with that.
        why: String,
    },
    /// Another device than the plan names.
    #[error("expected device {expected} at {connector}, found device {found}")]
    WrongDevice {
        /// Serial number of the plan.
        expected: u32,
        /// Serial number that the device gives.
        found: u32,
        /// Where it is plugged in.
        connector: String,
    },
    /// The ceremony is over: its site has started and made the login its own.
    #[error(
        "device {serial} refuses the ceremony's login: its site has started and made it its own. There is nothing left to do here."
    )]
    HandedOver {
        /// Which device.
        serial: u32,
    },
    /// This device's ceremony cannot be completed any more.
    #[error("device {serial} must start over: {why}. Run `keepsake-operator ceremony start-over`.")]
    StartOver {
        /// Which device.
        serial: u32,
        /// What happened to it.
        why: String,
    },
    /// It did not do what it was asked.
    #[error("device {serial}: {source}. Nothing is lost: run `keepsake-operator ceremony resume`.")]
    Device {
        /// Which device.
        serial: u32,
        /// Why.
        source: HsmError,
    },
    /// The digest of what the sites run is part of the evidence.
    #[error(
        "{path}, the program that the sites run, cannot be read: {source}. Put vault-server beside keepsake-operator, or \
         name it with --site-program."
    )]
    SiteProgram {
        /// Where it was looked for.
        path: PathBuf,
        /// Why it could not be read.
        source: std::io::Error,
    },
    /// A device whose serial number is not known yet.
    #[error(transparent)]
    Hsm(#[from] HsmError),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file in the ceremony's folder is not what it should be; which, and what is wrong.
    #[error("{0}")]
    Folder(String),
    /// The operator stopped it; it can be resumed.
    #[error("stopped")]
    Stopped,
}

impl OperatorError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }

    pub(crate) fn device(serial: u32) -> impl Fn(HsmError) -> Self {
        move |source| Self::Device { serial, source }
    }

    pub(crate) fn start_over(serial: u32, why: impl Into<String>) -> Self {
        Self::StartOver { serial, why: why.into() }
    }
}
