//! `EXPORT WRAPPED` (0x4a): wrap key id (2), type (1), id (2), perhaps a format (1): 1 exports an
//! Ed25519 key with its seed, since firmware 2.4.0. Answer: the sealed object.

use zeroize::Zeroizing;

use super::call::allowed;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;
use crate::objects::wrapped::{self, Format};

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let wrap_id = input.u16()?;
    let (kind, id) = (input.u8()?, input.u16()?);
    call.trace.target = wrap_id;
    call.trace.second = id;
    let format = match input.is_empty() {
        true => Format::WithoutSeed,
        false if !call.firmware.keeps_ed25519_seeds() => return Err(DeviceError::WrongLength),
        false => match input.u8()? {
            0 => Format::WithoutSeed,
            1 => Format::WithSeed,
            _ => return Err(DeviceError::InvalidData),
        },
    };
    input.finish()?;
    let kind = ObjectType::from_byte(kind)?;
    let key = capable_wrap_key(call, wrap_id, Capabilities::EXPORT_WRAPPED)?;
    let object = call.find(kind, id)?;
    allowed(object.capabilities.contains(Capabilities::EXPORTABLE_UNDER_WRAP))?;
    allowed(key.delegated.contains(object.capabilities))?;
    let encoded = wrapped::encode(object, &key, format)?;
    wrapped::seal(&key, &encoded, call.rng).map(Zeroizing::new)
}

/// An AES wrap key that may do this. What kind of key it is comes first: an RSA wrap key is invalid
/// data here, whatever it may do (python-yubihsm, tests of asymmetric wrap).
pub(crate) fn capable_wrap_key(
    call: &mut Call<'_>,
    id: u16,
    needed: Capabilities,
) -> Result<crate::objects::Object, DeviceError> {
    wrapped::aes_key(call.target(ObjectType::WrapKey, id)?)?;
    call.capable_target(ObjectType::WrapKey, id, needed)
}
