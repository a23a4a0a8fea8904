//! What device work is for, and why it failed.

use crate::site::ports::DeviceFault;
use recovery_crypto::oprf::OprfError;
use recovery_crypto::sealing::SealError;
use recovery_crypto::session::SessionError;
use yubihsm_device::HsmError;

/// Tells how much of the device's log it needs (spec/vault-protocol.md section 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A client's session: one ECDH with the session key.
    Session,
    /// One ECDH with the seal key.
    OpenBox,
    /// Two ECDHs with the oprf key.
    Evaluation,
    /// One ECDSA with the receipt key.
    Signature,
    /// Commands that the device does not log.
    Unlogged,
}

impl Work {
    pub(super) fn entries(self) -> u32 {
        match self {
            Self::Unlogged => 0,
            Self::Session | Self::OpenBox | Self::Signature => 1,
            Self::Evaluation => 2,
        }
    }
}

/// Why device work failed.
#[derive(Debug)]
pub enum WorkError {
    /// The device's own fault.
    Hsm(HsmError),
    /// The site's: it must not work now.
    Fault(DeviceFault),
}

impl From<HsmError> for WorkError {
    fn from(error: HsmError) -> Self {
        Self::Hsm(error)
    }
}

impl From<DeviceFault> for WorkError {
    fn from(fault: DeviceFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<SessionError> for WorkError {
    fn from(error: SessionError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<OprfError> for WorkError {
    fn from(error: OprfError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SealError> for WorkError {
    fn from(error: SealError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<WorkError> for DeviceFault {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Hsm(error) => Self::Away(error.to_string()),
            WorkError::Fault(fault) => fault,
        }
    }
}
