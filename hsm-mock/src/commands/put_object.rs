//! The nine `PUT` commands: the common header, delegated capabilities (8) where the type has them,
//! and the secret as [`material::import`] takes it. Answer: the id (2).

use super::call::id_answer;
use super::new_object::{Header, store};
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::input::Input;
use crate::objects::{ObjectType, Origin, material};

pub(crate) fn run(call: &mut Call<'_>, kind: ObjectType, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let header = Header::read(&mut input)?;
    let delegated = if kind.has_delegated() { input.capabilities()? } else { Capabilities::NONE };
    header.check(call, kind, delegated)?;
    let secret = material::import(kind, header.algorithm, input.rest(), call.firmware)?;
    store(call, header.object(kind, delegated, Origin::IMPORTED, secret)).and_then(id_answer)
}
