//! `DECRYPT ECB` (0x6f) and `ENCRYPT ECB` (0x70): key id (2), whole blocks. Answer: as many.

use super::{Answer, Call};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::crypto::cbc_ecb::{Direction, ecb};
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, direction: Direction, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let needed = match direction {
        Direction::Encrypt => Capabilities::ENCRYPT_ECB,
        Direction::Decrypt => Capabilities::DECRYPT_ECB,
    };
    let key = call.capable_target(ObjectType::SymmetricKey, id, needed)?;
    call.require_enabled(algorithm::AES_ECB)?;
    ecb(key.secret.expose(), input.rest(), direction)
}
