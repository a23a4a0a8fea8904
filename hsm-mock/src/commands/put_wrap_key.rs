//! `PUT WRAP KEY` (0x4c): the common header, delegated capabilities (8), the key (16, 24 or 32). Answer: the id (2).

use super::call::id_answer;
use super::new_object::{Header, create};
use super::{Answer, Call};
use crate::input::Input;
use crate::objects::{ObjectType, Origin};
use crate::secret::Secret;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let header = Header::read(&mut input)?;
    let delegated = input.capabilities()?;
    let secret = Secret::new(input.rest());
    let object = header.object(ObjectType::WrapKey, delegated, Origin::IMPORTED, secret);
    create(call, object).and_then(id_answer)
}
