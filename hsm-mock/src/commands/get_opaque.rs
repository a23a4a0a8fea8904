//! `GET OPAQUE` (0x43): id (2). Answer: the data. Id 0 is the device's own attestation certificate
//! (DER).

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::attestation::FACTORY_KEY_ID;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    input.finish()?;
    if id == FACTORY_KEY_ID {
        call.trace.target = id;
        return Ok(Zeroizing::new(call.state.attestation.certificate().to_vec()));
    }
    let object = call.target(ObjectType::Opaque, id)?;
    Ok(Zeroizing::new(object.secret.expose().to_vec()))
}
