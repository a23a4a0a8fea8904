//! `GENERATE ASYMMETRIC KEY` (0x46): the common header. Answer: the id (2). Only EC P-256.

use p256::SecretKey;
use rand_core::OsRng;
use zeroize::Zeroizing;

use super::call::id_answer;
use super::new_object::{Header, create};
use super::{Answer, Call};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::input::Input;
use crate::objects::{ObjectType, Origin};
use crate::secret::Secret;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let header = Header::read(&mut input)?;
    call.trace.target = header.id;
    input.finish()?;
    algorithm::require(header.algorithm, ObjectType::AsymmetricKey.algorithms(), call.firmware)?;
    let key = Zeroizing::new(SecretKey::random(&mut OsRng).to_bytes());
    let object = header.object(
        ObjectType::AsymmetricKey,
        Capabilities::NONE,
        Origin::GENERATED,
        Secret::new(key.to_vec()),
    );
    create(call, object).and_then(id_answer)
}
