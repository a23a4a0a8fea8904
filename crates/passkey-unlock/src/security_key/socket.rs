//! A MOCK security key: a program that listens at a Unix socket and takes HID reports there.

#[cfg(unix)]
mod port;

use super::HidBus;
use super::framing::HidPort;
use crate::error::PasskeyError;
use std::path::PathBuf;

/// A port for a MOCK security key. Where nothing listens, no key is plugged in.
#[derive(Clone, Debug)]
pub struct SocketBus {
    path: PathBuf,
}

impl SocketBus {
    /// A key is asked for there, at a Unix socket, whenever one is needed.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl HidBus for SocketBus {
    #[cfg(unix)]
    fn open(&self) -> Result<Box<dyn HidPort>, PasskeyError> {
        port::connect(&self.path)
    }

    #[cfg(not(unix))]
    fn open(&self) -> Result<Box<dyn HidPort>, PasskeyError> {
        let what = format!(
            "a MOCK security key at {}: this system has no Unix sockets",
            self.path.display()
        );
        Err(PasskeyError::Unsupported(what))
    }

    fn mock(&self) -> bool {
        true
    }
}
