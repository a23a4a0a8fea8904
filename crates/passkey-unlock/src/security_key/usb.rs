//! Reports over USB.

use super::HidBus;
use super::framing::{HidPort, REPORT};
use crate::error::PasskeyError;
use hidapi::{HidApi, HidDevice};
use std::io;
use std::time::Duration;

/// HID usage page of FIDO (CTAP 2.1, 11.2.8.2).
const FIDO: u16 = 0xf1d0;

/// Security keys at this computer's USB ports.
#[derive(Clone, Copy, Debug, Default)]
pub struct UsbBus;

impl HidBus for UsbBus {
    fn open(&self) -> Result<Box<dyn HidPort>, PasskeyError> {
        let api = HidApi::new().map_err(|error| PasskeyError::Io(error.to_string()))?;
        let mut keys = api.device_list().filter(|device| device.usage_page() == FIDO);
        let key = keys.next().ok_or(PasskeyError::NoDevice)?;
        if keys.next().is_some() {
            return Err(PasskeyError::Unsupported(
                "several security keys are connected: leave one".into(),
            ));
        }
        let device = key.open_device(&api).map_err(|error| PasskeyError::Io(error.to_string()))?;
        Ok(Box::new(UsbPort(device)))
    }
}

struct UsbPort(HidDevice);

impl HidPort for UsbPort {
    fn write(&mut self, report: &[u8; REPORT]) -> io::Result<()> {
        // hidapi wants the number of the report first; a FIDO device has only number 0.
        let mut numbered = [0; REPORT + 1];
        numbered[1..].copy_from_slice(report);
        self.0.write(&numbered).map(drop).map_err(io::Error::other)
    }

    fn read(&mut self, timeout: Duration) -> io::Result<Option<[u8; REPORT]>> {
        let mut report = [0; REPORT];
        let millis = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        match self.0.read_timeout(&mut report, millis).map_err(io::Error::other)? {
            0 => Ok(None),
            _ => Ok(Some(report)),
        }
    }
}
