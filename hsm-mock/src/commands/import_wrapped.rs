//! `IMPORT WRAPPED` (0x4b): wrap key id (2), the sealed object. Answer: type (1), id (2).

use super::call::{allowed, handle_answer};
use super::export_wrapped::capable_wrap_key;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{Object, wrapped};

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let wrap_id = input.u16()?;
    let key = capable_wrap_key(call, wrap_id, Capabilities::IMPORT_WRAPPED)?;
    let plaintext = wrapped::open(&key, input.rest())?;
    store(call, &key, &plaintext)
}

/// Stores an object that came under a wrap key. The wrap key decides what may come in; the
/// session's own delegated capabilities do not matter here. The object keeps those of its domains
/// that both the wrap key and the session are in.
pub(crate) fn store(call: &mut Call<'_>, wrap_key: &Object, plaintext: &[u8]) -> Answer {
    let mut object = wrapped::decode(plaintext, wrap_key)?;
    call.trace.second = object.id;
    if object.id == 0 {
        return Err(DeviceError::InvalidId);
    }
    object.domains &= wrap_key.domains & call.caller.domains;
    object.check(call.firmware)?;
    call.require_enabled(object.algorithm)?;
    allowed(wrap_key.delegated.contains(object.capabilities))?;
    allowed(wrap_key.delegated.contains(object.delegated))?;
    let kind = object.kind;
    let id = call.state.objects.insert(object, call.rng)?;
    handle_answer(kind, id)
}
