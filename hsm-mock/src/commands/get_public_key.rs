//! `GET PUBLIC KEY` (0x54): id (2), since firmware 2.4.0 perhaps a type (1). Answer: algorithm (1),
//! and `x || y`, the Ed25519 key, or the modulus.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::crypto::public_key;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let kind = match input.is_empty() || call.firmware < Firmware::V2_4_0 {
        true => ObjectType::AsymmetricKey,
        false => ObjectType::from_byte(input.u8()?)?,
    };
    input.finish()?;
    let object = call.target(kind, id)?;
    let secret = object.secret.expose();
    let public = match kind {
        ObjectType::AsymmetricKey | ObjectType::WrapKey => {
            public_key::of_stored(object.algorithm, secret)?
        }
        ObjectType::PublicWrapKey => secret,
        _ => return Err(DeviceError::InvalidData),
    };
    let mut answer = Zeroizing::new(vec![object.algorithm]);
    answer.extend_from_slice(public);
    Ok(answer)
}
