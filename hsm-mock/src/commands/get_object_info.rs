//! `GET OBJECT INFO` (0x4e): id (2), type (1). Answer: capabilities (8), id (2), size (2), domains
//! (2), type, algorithm, sequence, origin (1 each), label (40), delegated capabilities (8).

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let kind = ObjectType::from_byte(input.u8()?)?;
    input.finish()?;
    let object = call.target(kind, id)?;
    let mut info = Zeroizing::new(object.capabilities.0.to_be_bytes().to_vec());
    for field in [object.id, object.size(), object.domains] {
        info.extend_from_slice(&field.to_be_bytes());
    }
    info.extend_from_slice(&[
        object.kind as u8,
        object.algorithm,
        object.sequence,
        object.origin.byte(),
    ]);
    info.extend_from_slice(&object.label.0);
    info.extend_from_slice(&object.delegated.0.to_be_bytes());
    Ok(info)
}
