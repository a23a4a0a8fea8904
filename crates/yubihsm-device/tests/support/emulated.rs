//! One emulated device behind a connector.

use hsm_mock::{BackgroundEmulator, Config, Emulator};

pub(crate) struct Device {
    pub emulator: Emulator,
    pub running: BackgroundEmulator,
}

impl Device {
    pub(crate) fn new(serial: u32) -> Self {
        Self::with(Config::new(serial))
    }

    pub(crate) fn with(config: Config) -> Self {
        let emulator = Emulator::new(config).unwrap();
        let running = hsm_mock::spawn_in_background(emulator.clone()).unwrap();
        Self { emulator, running }
    }
}
