//! What survives a power cycle.

use zeroize::Zeroizing;

use crate::attestation::FactoryAttestation;
use crate::audit_log::AuditLog;
use crate::crypto::ec::Curve;
use crate::error::Error;
use crate::firmware::Firmware;
use crate::objects::{Store, factory_authentication_key};
use crate::options::Options;
use crate::rng::DeviceRng;
use crate::secret::Secret;

/// The non-volatile part of a device.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub serial: u32,
    /// The firmware that last used it: an older one does not take it back.
    pub firmware: Firmware,
    /// How often power was applied.
    pub starts: u32,
    pub attestation: FactoryAttestation,
    /// The P-256 key that a host with asymmetric authentication knows the device by; made anew at
    /// each factory reset.
    pub device_key: Secret,
    pub objects: Store,
    pub options: Options,
    pub log: AuditLog,
    /// Something beside objects, options and log differs from what was last saved.
    pub identity_changed: bool,
}

impl State {
    /// A device as it leaves the factory: one authentication key, and an attestation key of its
    /// own.
    ///
    /// # Errors
    /// [`Error::Certificate`]
    pub(crate) fn new(
        serial: u32,
        firmware: Firmware,
        is_fips_series: bool,
        rng: &mut DeviceRng,
    ) -> Result<Self, Error> {
        let attestation = FactoryAttestation::generate(serial, firmware, rng)?;
        let mut state = Self {
            serial,
            firmware,
            starts: 0,
            attestation,
            device_key: Secret::default(),
            objects: Store::default(),
            options: Options::factory(firmware, is_fips_series),
            log: AuditLog::after_reset(rng),
            identity_changed: true,
        };
        state.reset(rng);
        Ok(state)
    }

    /// Factory reset: everything goes but the serial number and the attestation key.
    pub(crate) fn reset(&mut self, rng: &mut DeviceRng) {
        self.objects.clear();
        self.objects
            .insert(factory_authentication_key(), rng)
            .expect("an empty store has room for the factory key");
        self.options = Options::factory(self.firmware, self.options.is_fips_series());
        self.log = AuditLog::after_reset(rng);
        let key: Zeroizing<Vec<u8>> = Curve::P256.generate(rng);
        self.device_key = Secret::new(key.to_vec());
        self.identity_changed = true;
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.identity_changed
            || self.options.is_changed()
            || self.log.is_changed()
            || self.objects.changed().next().is_some()
    }

    /// What there is now was saved.
    pub(crate) fn saved(&mut self) {
        self.identity_changed = false;
        self.options.saved();
        self.log.saved();
        self.objects.saved();
    }
}
