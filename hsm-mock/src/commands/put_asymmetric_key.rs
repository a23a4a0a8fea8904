//! `PUT ASYMMETRIC KEY` (0x45): the common header and the private key integer (32). Answer: the id (2). Only EC P-256.

use super::call::id_answer;
use super::new_object::{Header, create};
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::input::Input;
use crate::objects::{ObjectType, Origin};
use crate::secret::Secret;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let header = Header::read(&mut input)?;
    let secret = Secret::new(input.rest());
    let object =
        header.object(ObjectType::AsymmetricKey, Capabilities::NONE, Origin::IMPORTED, secret);
    create(call, object).and_then(id_answer)
}
