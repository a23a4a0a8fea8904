//! `GENERATE WRAP KEY` (0x5b): the common header and delegated capabilities (8). Answer: the id (2).

use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use super::call::id_answer;
use super::new_object::{Header, create};
use super::{Answer, Call};
use crate::algorithm;
use crate::input::Input;
use crate::objects::{ObjectType, Origin};
use crate::secret::Secret;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let header = Header::read(&mut input)?;
    call.trace.target = header.id;
    let delegated = input.capabilities()?;
    input.finish()?;
    algorithm::require(header.algorithm, ObjectType::WrapKey.algorithms(), call.firmware)?;
    let mut key = Zeroizing::new(vec![0; algorithm::wrap_key_length(header.algorithm)?]);
    OsRng.fill_bytes(&mut key);
    let object =
        header.object(ObjectType::WrapKey, delegated, Origin::GENERATED, Secret::new(key.to_vec()));
    create(call, object).and_then(id_answer)
}
