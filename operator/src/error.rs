//! Why the operator's work did not go on.

use std::path::{Path, PathBuf};
use yubihsm_device::HsmError;

/// Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    #[error("the plan cannot be used: {0}")]
    Plan(String),
    /// Nothing is wrong: another party has to act, then `ceremony resume`.
    #[error("waiting: {0}")]
    Waiting(String),
    /// The device holds something already, and the plan does not say `reset`.
    #[error(
        "device {serial} is not in factory state: {reasons}. Plan with \"reset\": true to erase it."
    )]
    NotFactory { serial: u32, reasons: String },
    #[error(
        "device {serial} has firmware {found}; 2.3.1 or later is needed, and firmware cannot be changed"
    )]
    OldFirmware { serial: u32, found: String },
    /// Verifiers refuse commands that they do not know: one could use a key and leave no line.
    #[error(
        "device {serial} has firmware {found}, which cannot be used: {why}. Take another device, or a newer Keepsake."
    )]
    UnknownFirmware { serial: u32, found: String, why: String },
    #[error("expected device {expected} at {connector}, found device {found}")]
    WrongDevice { expected: u32, found: u32, connector: String },
    /// The ceremony is over: its site has started and made the login its own.
    #[error(
        "device {serial} refuses the ceremony's login: its site has started and made it its own. There is nothing left to do here."
    )]
    HandedOver { serial: u32 },
    /// This device's ceremony cannot be completed any more.
    #[error("device {serial} must start over: {why}. Run `keepsake-operator ceremony start-over`.")]
    StartOver { serial: u32, why: String },
    #[error("device {serial}: {source}. Nothing is lost: run `keepsake-operator ceremony resume`.")]
    Device { serial: u32, source: HsmError },
    /// The digest of what the sites run is part of the evidence.
    #[error(
        "{path}, the program that the sites run, cannot be read: {source}. Put vault-server beside keepsake-operator, or \
         name it with --site-program."
    )]
    SiteProgram { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Hsm(#[from] HsmError),
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Folder(String),
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
