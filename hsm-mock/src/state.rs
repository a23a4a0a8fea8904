//! What survives a power cycle.

use serde::{Deserialize, Serialize};

use crate::attestation::FactoryAttestation;
use crate::audit_log::AuditLog;
use crate::error::Error;
use crate::firmware::Firmware;
use crate::objects::Store;
use crate::options::Options;

/// The non-volatile part of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub serial: u32,
    pub attestation: FactoryAttestation,
    pub objects: Store,
    pub options: Options,
    pub log: AuditLog,
}

impl State {
    /// A device as it leaves the factory: one authentication key, and an attestation key of its own.
    pub fn new(serial: u32, firmware: Firmware) -> Result<Self, Error> {
        let attestation = FactoryAttestation::generate(serial, firmware)?;
        let mut state = Self {
            serial,
            attestation,
            objects: Store::default(),
            options: Options::factory(firmware),
            log: AuditLog::after_reset(),
        };
        state.reset(firmware);
        Ok(state)
    }

    /// Factory reset: everything goes but the serial number and the attestation key.
    pub fn reset(&mut self, firmware: Firmware) {
        self.objects = Store::default();
        self.objects
            .insert(crate::device::factory_authentication_key())
            .expect("an empty store has room for the factory key");
        self.options = Options::factory(firmware);
        self.log = AuditLog::after_reset();
    }
}
