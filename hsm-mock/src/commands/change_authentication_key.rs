//! `CHANGE AUTHENTICATION KEY` (0x6c): id (2), algorithm (1), `K-ENC` and `K-MAC` (16 each) or
//! `x || y` of a P-256 key. Answer: the id (2). Only the key that opened the session can be
//! changed.

use super::call::id_answer;
use super::{Answer, Call};
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{FACTORY_AUTHENTICATION_KEY, Object, ObjectType};
use crate::secret::Secret;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    call.trace.target = id;
    let algorithm = input.u8()?;
    if id != call.caller.key {
        return Err(DeviceError::InvalidId);
    }
    let key = call.target(ObjectType::AuthenticationKey, id)?.clone();
    let changed = Object { algorithm, secret: Secret::new(input.rest()), ..key };
    changed.check(call.firmware)?;
    call.require_enabled(algorithm)?;
    call.state.objects.replace(changed)?;
    if id == FACTORY_AUTHENTICATION_KEY {
        call.state.options.factory_key_gone();
    }
    id_answer(id)
}
