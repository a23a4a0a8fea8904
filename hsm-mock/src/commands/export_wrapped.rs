//! `EXPORT WRAPPED` (0x4a): wrap key id (2), type (1), id (2), perhaps a format (1). Answer: the sealed object.

use zeroize::Zeroizing;

use super::call::allowed;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{ObjectType, wrapped};

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let (wrap_id, kind, id) = (input.u16()?, input.u8()?, input.u16()?);
    (call.trace.target, call.trace.second) = (wrap_id, id);
    // Format 1 keeps the seed of an Ed25519 key; other keys have only format 0.
    if !input.is_empty() && input.u8()? != 0 {
        return Err(DeviceError::InvalidData);
    }
    input.finish()?;
    let kind = ObjectType::from_byte(kind)?;
    let key =
        call.capable_target(ObjectType::WrapKey, wrap_id, Capabilities::EXPORT_WRAPPED)?.clone();
    let object = call.state.objects.get_in(call.caller.domains, kind, id)?;
    allowed(object.capabilities.contains(Capabilities::EXPORTABLE_UNDER_WRAP))?;
    allowed(key.delegated.contains(object.capabilities))?;
    wrapped::seal(&key, &wrapped::encode(object, &key)).map(Zeroizing::new)
}
