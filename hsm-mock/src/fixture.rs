//! A device for one test.

use std::ops::Deref;

use crate::connector::{BackgroundEmulator, spawn_in_background};
use crate::emulator::{Config, Emulator};
use crate::error::Error;

/// A MOCK device served on a free port of 127.0.0.1 until this is dropped. It is also an
/// [`Emulator`]: a test can take its power away, skip time, or let commands fail.
pub struct HsmMock {
    emulator: Emulator,
    served: BackgroundEmulator,
}

impl HsmMock {
    /// A new device with serial number 1.
    ///
    /// # Errors
    /// No port or no thread could be had.
    pub fn start() -> Result<Self, Error> {
        Self::of(Config::new(1))
    }

    /// The device that `config` says.
    ///
    /// # Errors
    /// As of [`Emulator::new`]; no port or no thread could be had.
    pub fn of(config: Config) -> Result<Self, Error> {
        let emulator = Emulator::new(config)?;
        let served = spawn_in_background(emulator.clone())?;
        Ok(Self { emulator, served })
    }

    /// Where clients reach the connector, such as `http://127.0.0.1:12345`.
    pub fn url(&self) -> String {
        self.served.url()
    }

    /// The connector's port.
    pub fn port(&self) -> u16 {
        self.served.address().port()
    }
}

impl Deref for HsmMock {
    type Target = Emulator;

    fn deref(&self) -> &Emulator {
        &self.emulator
    }
}
