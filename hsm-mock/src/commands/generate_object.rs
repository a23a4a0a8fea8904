//! The five `GENERATE` commands: the common header, and delegated capabilities (8) of a wrap key or
//! the nonce id (4) of an OTP AEAD key. Answer: the id (2).

use super::call::id_answer;
use super::new_object::{Header, store};
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::input::Input;
use crate::objects::{ObjectType, Origin, material};
use crate::secret::Secret;

pub(crate) fn run(call: &mut Call<'_>, kind: ObjectType, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let header = Header::read(&mut input)?;
    let delegated = if kind.has_delegated() { input.capabilities()? } else { Capabilities::NONE };
    let nonce_id = match kind {
        ObjectType::OtpAeadKey => input.array::<{ material::NONCE_ID }>()?.to_vec(),
        _ => Vec::new(),
    };
    input.finish()?;
    header.check(call, kind, delegated)?;
    let key = material::generate(kind, header.algorithm, call.firmware, call.rng)?;
    let secret = Secret::new([&nonce_id, key.expose()].concat());
    store(call, header.object(kind, delegated, Origin::GENERATED, secret)).and_then(id_answer)
}
