//! The part that all commands making an object share: id (2), label (40), domains (2), capabilities
//! (8), algorithm (1).

use super::Call;
use super::call::allowed;
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{Label, Object, ObjectType, Origin};
use crate::secret::Secret;

/// The common arguments as received.
pub(super) struct Header {
    pub id: u16,
    pub algorithm: u8,
    label: Label,
    domains: u16,
    capabilities: Capabilities,
}

impl Header {
    pub(super) fn read(input: &mut Input<'_>) -> Result<Self, DeviceError> {
        let id = input.u16()?;
        let label = Label(input.array()?);
        let domains = input.u16()?;
        let capabilities = input.capabilities()?;
        Ok(Self { id, label, domains, capabilities, algorithm: input.u8()? })
    }

    /// Joins the header with what the command adds.
    pub(super) fn object(
        self,
        kind: ObjectType,
        delegated: Capabilities,
        origin: Origin,
        secret: Secret,
    ) -> Object {
        let Self { id, algorithm, label, domains, capabilities } = self;
        Object {
            id,
            kind,
            algorithm,
            label,
            domains,
            capabilities,
            delegated,
            sequence: 0,
            origin,
            secret,
        }
    }

    /// Checks what can be checked before the object is made, which can take long.
    ///
    /// # Errors
    /// `INVALID_DATA`, `ALGORITHM_DISABLED`, `INSUFFICIENT_PERMISSIONS` for domains or capabilities
    /// beyond the session's, `INVALID_ID`, `OBJECT_EXISTS`
    pub(super) fn check(
        &self,
        call: &mut Call<'_>,
        kind: ObjectType,
        delegated: Capabilities,
    ) -> Result<(), DeviceError> {
        call.trace.target = self.id;
        call.trace.algorithm = self.algorithm;
        kind.require(self.algorithm, call.firmware)?;
        call.require_enabled(self.algorithm)?;
        if self.domains == 0 {
            return Err(DeviceError::InvalidData);
        }
        allowed(self.domains & !call.caller.domains == 0)?;
        allowed(call.caller.delegated.contains(self.capabilities))?;
        allowed(call.caller.delegated.contains(delegated))?;
        call.state.objects.check_free(kind, self.id)
    }
}

/// Stores an object and notes its id.
///
/// # Errors
/// `STORAGE_FAILED`
pub(super) fn store(call: &mut Call<'_>, object: Object) -> Result<u16, DeviceError> {
    let id = call.state.objects.insert(object, call.rng)?;
    call.trace.target = id;
    Ok(id)
}
