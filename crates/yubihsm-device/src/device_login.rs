//! A login with one device: opens a session when a command needs one, and uses it until it is lost
//! or idles.

use super::commands::Command;
use super::raw_session::{Fault, RawSession};
use super::{AuthKey, ConnectorAddress, HsmError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// A session idles out after 30 s; past this it is closed rather than used.
const IDLE: Duration = Duration::from_secs(25);

/// Where and as whom to log in, and the session there is now: never more than one.
pub(crate) struct DeviceLogin {
    address: ConnectorAddress,
    key_id: u16,
    key: AuthKey,
    session: Option<(RawSession, Instant)>,
}

impl DeviceLogin {
    pub(crate) fn new(address: ConnectorAddress, key_id: u16, key: AuthKey) -> Self {
        Self { address, key_id, key, session: None }
    }

    #[cfg(feature = "operator")]
    pub(crate) fn address(&self) -> &ConnectorAddress {
        &self.address
    }

    /// Opens a session unless there is one.
    ///
    /// # Errors
    /// [`HsmError::WrongAuthKey`], [`HsmError::Unreachable`], or what the device refused.
    pub(crate) fn open(&mut self) -> Result<(), HsmError> {
        self.usable().map(|_| ())
    }

    fn usable(&mut self) -> Result<&mut RawSession, HsmError> {
        if self.session.as_ref().is_some_and(|(_, used)| used.elapsed() >= IDLE) {
            self.session = None;
        }
        let session = match self.session.take() {
            Some((session, _)) => session,
            None => RawSession::open(&self.address, self.key_id, &self.key)?,
        };
        Ok(&mut self.session.insert((session, Instant::now())).0)
    }

    /// Runs a command. If the session turns out to be gone and the device has certainly done
    /// nothing, it is sent once more over a new one.
    ///
    /// # Errors
    /// [`Fault`]: after a loss the next command opens a new session.
    pub(crate) fn run(&mut self, command: &Command) -> Result<Zeroizing<Vec<u8>>, Fault> {
        match self.run_once(command) {
            Err(Fault::Lost { maybe_done: false, error }) => {
                tracing::warn!(%error, "opening a new session with the device");
                self.run_once(command)
            }
            other => other,
        }
    }

    fn run_once(&mut self, command: &Command) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let answer = self.usable().map_err(Fault::NotSent)?.command(command);
        if matches!(answer, Err(Fault::Lost { .. })) {
            self.session = None;
        }
        answer
    }
}
