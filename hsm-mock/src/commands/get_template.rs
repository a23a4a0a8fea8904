//! `GET TEMPLATE` (0x5f): id (2). Answer: the template.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    input.finish()?;
    let object = call.target(ObjectType::Template, id)?;
    Ok(Zeroizing::new(object.secret.expose().to_vec()))
}
