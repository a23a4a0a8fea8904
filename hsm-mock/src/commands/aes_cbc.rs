//! `DECRYPT CBC` (0x71) and `ENCRYPT CBC` (0x72): key id (2), initialisation vector (16), whole
//! blocks. Answer: as many.

use super::{Answer, Call};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::crypto::cbc_ecb::{Direction, cbc};
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, direction: Direction, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let needed = match direction {
        Direction::Encrypt => Capabilities::ENCRYPT_CBC,
        Direction::Decrypt => Capabilities::DECRYPT_CBC,
    };
    let key = call.capable_target(ObjectType::SymmetricKey, id, needed)?;
    call.require_enabled(algorithm::AES_CBC)?;
    let iv = input.array()?;
    cbc(key.secret.expose(), &iv, input.rest(), direction)
}
