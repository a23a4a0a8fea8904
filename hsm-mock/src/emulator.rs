//! An emulated device that others can talk to: settings, clock, latency and the state file around [`Device`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::commands::Command;
use crate::device::{Device, Reply};
use crate::device_error::DeviceError;
use crate::error::Error;
use crate::firmware::Firmware;
use crate::frame;
use crate::state::State;
use crate::state_file::StateFile;
use zeroize::Zeroizing;

/// How long commands take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Latency {
    /// As long as this machine needs.
    #[default]
    None,
    /// About as long as a YubiHSM2 needs.
    YubiHsm2,
}

impl Latency {
    /// Yubico publishes 73 ms for ECDSA P-256 and 10 ms for AES-CCM wrap on an idle device; ECDH is taken to cost what
    /// ECDSA does, and everything else what the fastest published command (HMAC) does.
    fn of(self, command: Option<Command>) -> Duration {
        let milliseconds = match (self, command) {
            (Self::None, _) => 0,
            (
                Self::YubiHsm2,
                Some(
                    Command::SignEcdsa
                    | Command::DeriveEcdh
                    | Command::SignAttestationCertificate
                    | Command::GenerateAsymmetricKey
                    | Command::PutAsymmetricKey,
                ),
            ) => 73,
            (
                Self::YubiHsm2,
                Some(
                    Command::WrapData
                    | Command::UnwrapData
                    | Command::ExportWrapped
                    | Command::ImportWrapped,
                ),
            ) => 10,
            (Self::YubiHsm2, _) => 4,
        };
        Duration::from_millis(milliseconds)
    }
}

/// What to emulate.
#[derive(Clone, Debug)]
pub struct Config {
    pub serial: u32,
    pub firmware: Firmware,
    pub latency: Latency,
    /// Where the device keeps its state; in memory if `None`.
    pub state_file: Option<PathBuf>,
}

impl Config {
    /// A fast device with firmware 2.4.0 and its state in memory.
    pub fn new(serial: u32) -> Self {
        Self { serial, firmware: Firmware::default(), latency: Latency::None, state_file: None }
    }

    /// The same, with its state in a file.
    pub fn with_state_file(self, path: impl Into<PathBuf>) -> Self {
        Self { state_file: Some(path.into()), ..self }
    }

    /// The same, with another firmware.
    pub fn with_firmware(self, firmware: Firmware) -> Self {
        Self { firmware, ..self }
    }

    /// The same, as fast as `latency` says.
    pub fn with_latency(self, latency: Latency) -> Self {
        Self { latency, ..self }
    }
}

/// A MOCK device. Clones are the same device.
#[derive(Clone)]
pub struct Emulator {
    shared: Arc<Shared>,
}

struct Shared {
    serial: u32,
    latency: Latency,
    /// Held while a command runs and its time passes: the device does one thing at a time.
    turn: tokio::sync::Mutex<()>,
    powered: Mutex<Powered>,
}

struct Powered {
    device: Device,
    file: Option<StateFile>,
    /// `None` once the clock was stopped.
    since: Option<Instant>,
    skipped: Duration,
}

impl Emulator {
    /// Powers a device on: from its state file if there is one, else as it leaves the factory.
    ///
    /// # Errors
    /// The state file is damaged, in use, of another device, or cannot be written.
    pub fn new(config: Config) -> Result<Self, Error> {
        let file = config.state_file.as_deref().map(StateFile::open).transpose()?;
        let stored = file.as_ref().map(StateFile::load).transpose()?.flatten();
        let state = match stored {
            Some(state) if state.serial != config.serial => {
                let path = config.state_file.unwrap_or_default();
                return Err(Error::StateOfAnotherDevice {
                    path,
                    found: state.serial,
                    wanted: config.serial,
                });
            }
            Some(state) => state,
            None => State::new(config.serial, config.firmware)?,
        };
        let device = Device::power_on(state, config.firmware);
        let mut powered =
            Powered { device, file, since: Some(Instant::now()), skipped: Duration::ZERO };
        powered.save()?;
        let shared = Shared {
            serial: config.serial,
            latency: config.latency,
            turn: tokio::sync::Mutex::default(),
            powered: Mutex::new(powered),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub fn serial(&self) -> u32 {
        self.shared.serial
    }

    /// Sends one message to the device and waits for its answer. Messages of all callers run one after the other.
    pub async fn transceive(&self, message: Vec<u8>) -> Zeroizing<Vec<u8>> {
        let _turn = self.shared.turn.lock().await;
        let shared = self.shared.clone();
        let message = Zeroizing::new(message);
        // Off the async threads: a command computes, and writes its state to disk.
        let done = tokio::task::spawn_blocking(move || shared.powered().process(&message)).await;
        let Ok(reply) = done else {
            return frame::response(0, &Err(DeviceError::StorageFailed));
        };
        tokio::time::sleep(self.shared.latency.of(reply.command)).await;
        reply.message
    }

    /// Takes the power away and gives it back: sessions are gone, and the boot is logged.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn power_cycle(&self) -> Result<(), Error> {
        let mut powered = self.shared.powered();
        let (state, firmware) = (powered.device.state.clone(), powered.device.firmware);
        powered.device = Device::power_on(state, firmware);
        powered.since = powered.since.map(|_| Instant::now());
        powered.skipped = Duration::ZERO;
        powered.save()
    }

    /// Moves the device's clock forward, so that a test of session expiry need not wait.
    pub fn skip_time(&self, time: Duration) {
        self.shared.powered().skipped += time;
    }

    /// Sessions open now, of the 16 there can be: for tests of clients that should leave none.
    pub fn open_sessions(&self) -> usize {
        let mut powered = self.shared.powered();
        let now = powered.now();
        powered.device.open_sessions(now)
    }

    /// Stops the device's clock: from now on only [`Emulator::skip_time`] moves it, so that a test of session expiry
    /// does not depend on how fast it runs.
    pub fn stop_clock(&self) {
        let mut powered = self.shared.powered();
        powered.skipped = powered.now();
        powered.since = None;
    }
}

impl Shared {
    /// A panic while a command ran would leave the device as it was then; it goes on, as hardware would.
    fn powered(&self) -> MutexGuard<'_, Powered> {
        self.powered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Powered {
    /// Time since power-on.
    fn now(&self) -> Duration {
        self.since.map_or(Duration::ZERO, |since| since.elapsed()) + self.skipped
    }

    fn process(&mut self, message: &[u8]) -> Reply {
        let now = self.now();
        let reply = self.device.process(message, now);
        match self.save() {
            Ok(()) => reply,
            Err(error) => {
                tracing::error!(%error, "MOCK device could not store its state");
                Reply { message: frame::response(0, &Err(DeviceError::StorageFailed)), ..reply }
            }
        }
    }

    fn save(&mut self) -> Result<(), Error> {
        match &mut self.file {
            Some(file) => file.save(&self.device.state),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_those_of_the_device() {
        assert_eq!(Latency::YubiHsm2.of(Some(Command::DeriveEcdh)), Duration::from_millis(73));
        assert_eq!(Latency::YubiHsm2.of(Some(Command::ExportWrapped)), Duration::from_millis(10));
        assert_eq!(Latency::YubiHsm2.of(Some(Command::Echo)), Duration::from_millis(4));
        assert_eq!(Latency::None.of(Some(Command::DeriveEcdh)), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_message_gets_its_answer() {
        let emulator = Emulator::new(Config::new(7)).unwrap();
        assert_eq!(emulator.transceive(vec![1, 0, 1, 9]).await.as_slice(), [0x81, 0, 1, 9]);
        assert_eq!(emulator.transceive(vec![0x57, 0, 0]).await.as_slice(), [0x7f, 0, 1, 1]);
    }
}
