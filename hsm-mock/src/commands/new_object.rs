//! The part that all commands making an object share: id (2), label (40), domains (2), capabilities (8), algorithm (1).

use super::Call;
use super::call::allowed;
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{Label, Object, ObjectType, Origin};
use crate::secret::Secret;

/// The common arguments as received.
pub struct Header {
    pub id: u16,
    pub algorithm: u8,
    label: Label,
    domains: u16,
    capabilities: Capabilities,
}

impl Header {
    pub fn read(input: &mut Input<'_>) -> Result<Self, DeviceError> {
        let id = input.u16()?;
        let label = Label(input.array()?);
        let domains = input.u16()?;
        let capabilities = input.capabilities()?;
        Ok(Self { id, label, domains, capabilities, algorithm: input.u8()? })
    }

    /// Joins the header with what the command adds.
    pub fn object(
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
}

/// Stores an object made in this session: nothing beyond the session's domains and delegated capabilities.
pub fn create(call: &mut Call<'_>, object: Object) -> Result<u16, DeviceError> {
    call.trace.target = object.id;
    object.check(call.firmware)?;
    let Call { caller, .. } = call;
    allowed(object.domains & !caller.domains == 0)?;
    allowed(caller.delegated.contains(object.capabilities))?;
    allowed(caller.delegated.contains(object.delegated))?;
    let id = call.state.objects.insert(object)?;
    call.trace.target = id;
    Ok(id)
}
