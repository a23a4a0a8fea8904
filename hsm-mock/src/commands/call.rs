//! What a command sees: the stored state, who calls, and what to note for the log.

use zeroize::Zeroizing;

use super::Answer;
use crate::capability::Capabilities;
use crate::device::Trace;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::objects::{Object, ObjectType};
use crate::sessions::Caller;
use crate::state::State;

/// One command being carried out.
pub struct Call<'a> {
    pub state: &'a mut State,
    pub firmware: Firmware,
    pub caller: Caller,
    pub trace: &'a mut Trace,
}

impl Call<'_> {
    /// The session must have `needed`.
    pub fn require(&self, needed: Capabilities) -> Result<(), DeviceError> {
        allowed(self.caller.capabilities.contains(needed))
    }

    /// An object in the session's domains, noted as the target.
    pub fn target(&mut self, kind: ObjectType, id: u16) -> Result<&Object, DeviceError> {
        self.trace.target = id;
        self.state.objects.get_in(self.caller.domains, kind, id)
    }

    /// The target, which must itself have `needed`.
    pub fn capable_target(
        &mut self,
        kind: ObjectType,
        id: u16,
        needed: Capabilities,
    ) -> Result<&Object, DeviceError> {
        let object = self.target(kind, id)?;
        allowed(object.capabilities.contains(needed))?;
        Ok(object)
    }
}

/// `INSUFFICIENT_PERMISSIONS` unless `condition` holds.
pub fn allowed(condition: bool) -> Result<(), DeviceError> {
    if condition { Ok(()) } else { Err(DeviceError::InsufficientPermissions) }
}

/// An answer that is an object id.
pub fn id_answer(id: u16) -> Answer {
    Ok(Zeroizing::new(id.to_be_bytes().to_vec()))
}
