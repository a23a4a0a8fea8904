//! `DELETE OBJECT` (0x58): id (2), type (1). The session needs the delete capability of that type.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    call.trace.target = id;
    let kind = ObjectType::from_byte(input.u8()?)?;
    input.finish()?;
    call.require(capability(kind)?)?;
    call.state.objects.remove_in(call.caller.domains, kind, id)?;
    Ok(Zeroizing::default())
}

fn capability(kind: ObjectType) -> Result<Capabilities, DeviceError> {
    match kind {
        ObjectType::Opaque => Ok(Capabilities::DELETE_OPAQUE),
        ObjectType::AuthenticationKey => Ok(Capabilities::DELETE_AUTHENTICATION_KEY),
        ObjectType::AsymmetricKey => Ok(Capabilities::DELETE_ASYMMETRIC_KEY),
        ObjectType::WrapKey => Ok(Capabilities::DELETE_WRAP_KEY),
        // Objects of the other types cannot exist here.
        _ => Err(DeviceError::ObjectNotFound),
    }
}
