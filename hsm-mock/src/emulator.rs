//! An emulated device that others can talk to: settings, clock, latency and the state file around
//! [`Device`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::device::{Device, Record, Reply};
use crate::device_error::DeviceError;
use crate::error::Error;
use crate::faults::{ConnectorFault, Faults};
use crate::firmware::Firmware;
use crate::frame;
use crate::latency::Latency;
use crate::rng::DeviceRng;
use crate::state::State;
use crate::state_file::StateFile;
use crate::trace;
use zeroize::Zeroizing;

/// What to emulate.
#[derive(Clone, Debug)]
pub struct Config {
    /// What it says of itself.
    pub serial: u32,
    /// How it behaves where versions differ.
    pub firmware: Firmware,
    /// How long commands take.
    pub latency: Latency,
    /// Where the device keeps its state; in memory if `None`.
    pub state_file: Option<PathBuf>,
    /// What all keys, nonces and ids of the device follow from; from the operating system if
    /// `None`.
    pub seed: Option<u64>,
    /// A device of the FIPS series, whose FIPS mode can be turned on.
    pub fips: bool,
}

impl Config {
    /// A fast device with firmware 2.4.0 and its state in memory.
    pub fn new(serial: u32) -> Self {
        Self {
            serial,
            firmware: Firmware::default(),
            latency: Latency::None,
            state_file: None,
            seed: None,
            fips: false,
        }
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

    /// The same, with keys that are the same each time.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// The same, of the FIPS series.
    pub fn with_fips(self) -> Self {
        Self { fips: true, ..self }
    }

    fn rng(&self, starts: u32) -> Result<DeviceRng, Error> {
        match self.seed {
            Some(seed) => Ok(DeviceRng::from_seed(seed, self.serial, starts)),
            None => DeviceRng::from_os(),
        }
    }
}

/// A MOCK device. Clones are the same device.
#[derive(Clone)]
pub struct Emulator {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    faults: Faults,
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
    /// The state file is damaged, in use, of another device or a newer firmware, or cannot be
    /// written.
    pub fn new(config: Config) -> Result<Self, Error> {
        let file = config.state_file.as_deref().map(StateFile::open).transpose()?;
        let stored = match &file {
            Some(file) => file.load(config.firmware)?,
            None => None,
        };
        let state = match stored {
            Some(state) if state.serial != config.serial => {
                let path = config.state_file.unwrap_or_default();
                let (found, wanted) = (state.serial, config.serial);
                return Err(Error::StateOfAnotherDevice { path, found, wanted });
            }
            Some(state) => state,
            None => State::new(config.serial, config.firmware, config.fips, &mut config.rng(0)?)?,
        };
        let rng = config.rng(state.starts + 1)?;
        let device = Device::power_on(state, config.firmware, rng);
        let mut powered =
            Powered { device, file, since: Some(Instant::now()), skipped: Duration::ZERO };
        powered.save()?;
        let shared = Shared {
            config,
            faults: Faults::default(),
            turn: tokio::sync::Mutex::default(),
            powered: Mutex::new(powered),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What the device says of itself.
    pub fn serial(&self) -> u32 {
        self.shared.config.serial
    }

    /// How it behaves where versions differ.
    pub fn firmware(&self) -> Firmware {
        self.shared.config.firmware
    }

    /// Sends one message to the device and waits for its answer. Messages of all callers run one
    /// after the other.
    pub async fn transceive(&self, message: Vec<u8>) -> Zeroizing<Vec<u8>> {
        let _turn = self.shared.turn.lock().await;
        let shared = self.shared.clone();
        let message = Zeroizing::new(message);
        // Off the async threads: a command computes, and writes its state to disk.
        let done = tokio::task::spawn_blocking(move || shared.powered().process(&message)).await;
        let Ok((reply, took)) = done else {
            return frame::response(0, &Err(DeviceError::StorageFailed));
        };
        trace::command(self.serial(), &reply.record, took);
        let pause = self.shared.config.latency.of(&reply.record).saturating_sub(took);
        // A sleep of nothing would still take a millisecond.
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        reply.message
    }

    /// Sends one message to the device and returns its answer at once, without the time it takes:
    /// for tests without a runtime.
    pub fn transceive_now(&self, message: &[u8]) -> Zeroizing<Vec<u8>> {
        let (reply, took) = self.shared.powered().process(message);
        trace::command(self.serial(), &reply.record, took);
        reply.message
    }

    /// Takes the power away and gives it back: sessions are gone, and the boot is logged.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn power_cycle(&self) -> Result<(), Error> {
        let config = &self.shared.config;
        let mut powered = self.shared.powered();
        let state = powered.device.state.clone();
        let rng = config.rng(state.starts + 1)?;
        powered.device = Device::power_on(state, config.firmware, rng);
        powered.since = powered.since.map(|_| Instant::now());
        powered.skipped = Duration::ZERO;
        powered.save()
    }

    /// Resets the device to how it left the factory, as by holding its button at power-on.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn factory_reset(&self) -> Result<(), Error> {
        let mut powered = self.shared.powered();
        powered.device.reset();
        powered.save()
    }

    /// Moves the device's clock forward, so that a test of session expiry need not wait.
    pub fn skip_time(&self, time: Duration) {
        self.shared.powered().skipped += time;
    }

    /// Stops the device's clock: from now on only [`Emulator::skip_time`] moves it, so that a test
    /// of session expiry does not depend on how fast it runs.
    pub fn stop_clock(&self) {
        let mut powered = self.shared.powered();
        powered.skipped = powered.now();
        powered.since = None;
    }

    /// Sessions open now, of the 16 there can be: for tests of clients that should leave none.
    pub fn open_sessions(&self) -> usize {
        let mut powered = self.shared.powered();
        let now = powered.now();
        powered.device.open_sessions(now)
    }

    /// Forgets every session; clients find out with their next command.
    pub fn lose_sessions(&self) {
        self.shared.powered().device.lose_sessions();
    }

    /// Lets one command fail without being carried out: the next one, or the one after `others`
    /// more. Commands that carry others do not count.
    pub fn fail_command(&self, others: u32, error: DeviceError) {
        self.shared.powered().device.plan_failure(others, error);
    }

    /// Lets something happen to the next `count` messages between connector and device, after the
    /// faults planned before.
    pub fn plan_fault(&self, fault: ConnectorFault, count: usize) {
        self.shared.faults.plan(fault, count);
    }

    pub(crate) fn next_fault(&self) -> Option<ConnectorFault> {
        self.shared.faults.next()
    }

    /// Fills the audit log: with force audit, audited commands are now refused.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn fill_log(&self) -> Result<(), Error> {
        let mut powered = self.shared.powered();
        powered.device.fill_log();
        powered.save()
    }

    /// Fills the object store with opaque objects, in domain 16.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn fill_storage(&self) -> Result<(), Error> {
        let mut powered = self.shared.powered();
        powered.device.fill_storage();
        powered.save()
    }
}

impl Shared {
    /// A panic while a command ran would leave the device as it was then; it goes on, as hardware
    /// would.
    fn powered(&self) -> MutexGuard<'_, Powered> {
        self.powered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Powered {
    /// Time since power-on.
    fn now(&self) -> Duration {
        self.since.map_or(Duration::ZERO, |since| since.elapsed()) + self.skipped
    }

    /// Also returns how long it took.
    fn process(&mut self, message: &[u8]) -> (Reply, Duration) {
        let began = Instant::now();
        let now = self.now();
        let reply = self.device.process(message, now);
        let reply = match self.save() {
            Ok(()) => reply,
            Err(error) => {
                tracing::error!(%error, "MOCK device could not store its state");
                let failed = Err(DeviceError::StorageFailed);
                let record = Record { result: failed, ..reply.record };
                Reply {
                    message: frame::response(0, &failed.map(|_: usize| Zeroizing::default())),
                    record,
                }
            }
        };
        (reply, began.elapsed())
    }

    fn save(&mut self) -> Result<(), Error> {
        match &mut self.file {
            Some(file) => file.save(&mut self.device.state),
            None => {
                self.device.state.saved();
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_gets_its_answer() {
        let emulator = Emulator::new(Config::new(7)).unwrap();
        assert_eq!(emulator.transceive(vec![1, 0, 1, 9]).await.as_slice(), [0x81, 0, 1, 9]);
        assert_eq!(emulator.transceive(vec![0x57, 0, 0]).await.as_slice(), [0x7f, 0, 1, 1]);
    }

    #[tokio::test]
    async fn a_seed_makes_the_same_device_again() {
        let key = async |seed| {
            let emulator = Emulator::new(Config::new(7).with_seed(seed)).unwrap();
            emulator.transceive(vec![0x0a, 0, 0]).await.to_vec()
        };
        assert_eq!(key(1).await, key(1).await);
        assert_ne!(key(1).await, key(2).await);
    }
}
