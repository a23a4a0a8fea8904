//! What a command sees: the stored state, who calls, and what to note for the log.

use zeroize::Zeroizing;

use crate::audit_log::NO_OBJECT;
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::objects::{Object, ObjectType};
use crate::rng::DeviceRng;
use crate::sessions::Caller;
use crate::state::State;

/// What a command answers with: the data of the response.
pub(crate) type Answer = Result<Zeroizing<Vec<u8>>, DeviceError>;

/// The objects a command named, for the log; and the algorithm, for the time it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub target: u16,
    pub second: u16,
    /// 0 if there is none.
    pub algorithm: u8,
}

impl Default for Trace {
    fn default() -> Self {
        Self { target: NO_OBJECT, second: NO_OBJECT, algorithm: 0 }
    }
}

/// One command being carried out.
pub(crate) struct Call<'a> {
    pub state: &'a mut State,
    pub rng: &'a mut DeviceRng,
    pub firmware: Firmware,
    pub caller: Caller,
    pub trace: &'a mut Trace,
}

impl Call<'_> {
    /// The session must have `needed`.
    ///
    /// # Errors
    /// `INSUFFICIENT_PERMISSIONS`
    pub(crate) fn require(&self, needed: Capabilities) -> Result<(), DeviceError> {
        allowed(self.caller.capabilities.contains(needed))
    }

    /// An algorithm must not be turned off.
    ///
    /// # Errors
    /// `ALGORITHM_DISABLED`
    pub(crate) fn require_enabled(&self, algorithm: u8) -> Result<(), DeviceError> {
        let enabled = self.state.options.is_enabled(algorithm);
        if enabled { Ok(()) } else { Err(DeviceError::AlgorithmDisabled) }
    }

    /// An object in the session's domains, noted as the target.
    ///
    /// # Errors
    /// `OBJECT_NOT_FOUND`
    pub(crate) fn target(&mut self, kind: ObjectType, id: u16) -> Result<&Object, DeviceError> {
        self.trace.target = id;
        self.find(kind, id)
    }

    /// An object in the session's domains.
    ///
    /// # Errors
    /// `OBJECT_NOT_FOUND`
    pub(crate) fn find(&self, kind: ObjectType, id: u16) -> Result<&Object, DeviceError> {
        self.state.objects.get_in(self.caller.domains, kind, id)
    }

    /// The target, which must itself have `needed`, with an algorithm that is on.
    ///
    /// # Errors
    /// `OBJECT_NOT_FOUND`, `INSUFFICIENT_PERMISSIONS`, `ALGORITHM_DISABLED`
    pub(crate) fn capable_target(
        &mut self,
        kind: ObjectType,
        id: u16,
        needed: Capabilities,
    ) -> Result<Object, DeviceError> {
        let object = self.target(kind, id)?.clone();
        self.trace.algorithm = object.algorithm;
        allowed(object.capabilities.contains(needed))?;
        self.require_enabled(object.algorithm)?;
        Ok(object)
    }
}

/// `INSUFFICIENT_PERMISSIONS` unless `condition` holds.
pub(super) fn allowed(condition: bool) -> Result<(), DeviceError> {
    if condition { Ok(()) } else { Err(DeviceError::InsufficientPermissions) }
}

/// An answer that is an object id.
pub(super) fn id_answer(id: u16) -> Answer {
    Ok(Zeroizing::new(id.to_be_bytes().to_vec()))
}

/// An answer that is the type and id of an object that came under wrap.
pub(super) fn handle_answer(kind: ObjectType, id: u16) -> Answer {
    let [high, low] = id.to_be_bytes();
    Ok(Zeroizing::new(vec![kind as u8, high, low]))
}
