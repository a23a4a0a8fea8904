//! `IMPORT WRAPPED` (0x4b): wrap key id (2), the sealed object. Answer: type (1), id (2).

use zeroize::Zeroizing;

use super::call::allowed;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{ObjectType, wrapped};

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let wrap_id = input.u16()?;
    let key =
        call.capable_target(ObjectType::WrapKey, wrap_id, Capabilities::IMPORT_WRAPPED)?.clone();
    let object = wrapped::decode(&wrapped::open(&key, input.rest())?, &key)?;
    call.trace.second = object.id;
    if object.id == 0 {
        return Err(DeviceError::InvalidId);
    }
    object.check(call.firmware)?;
    // The wrap key decides what may come in; the session's own delegated capabilities do not matter here.
    allowed(key.delegated.contains(object.capabilities))?;
    allowed(key.delegated.contains(object.delegated))?;
    allowed(object.domains & !call.caller.domains == 0)?;
    let kind = object.kind;
    let [high, low] = call.state.objects.insert(object)?.to_be_bytes();
    Ok(Zeroizing::new(vec![kind as u8, high, low]))
}
