//! Which failures of the mathematics are the device's, and which the input's.

use super::ports::DeviceFault;
use recovery_crypto::DeviceKeyError;
use recovery_crypto::oprf::OprfError;
use recovery_crypto::sealing::SealError;
use recovery_crypto::session::SessionError;

impl From<DeviceKeyError> for DeviceFault {
    fn from(error: DeviceKeyError) -> Self {
        match error {
            DeviceKeyError::BadPoint => Self::Refused(error.to_string()),
            DeviceKeyError::Unavailable(reason) => Self::Away(reason),
        }
    }
}

impl From<SessionError> for DeviceFault {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Device(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<OprfError> for DeviceFault {
    fn from(error: OprfError) -> Self {
        match error {
            OprfError::Device(error) => error.into(),
            // Answers that do not fit the pinned key: not the input's fault.
            OprfError::Inconsistent => Self::Away(error.to_string()),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<SealError> for DeviceFault {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Device(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}
