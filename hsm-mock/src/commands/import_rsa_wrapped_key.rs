//! `PUT RSA WRAPPED KEY` (0x75): wrap key id (2), type (1), the common header, hashes of OAEP and
//! MGF1 (1 each), the bare key under RSA wrap, the digest of the label. Answer: type (1), id (2).

use zeroize::Zeroizing;

use super::call::{allowed, handle_answer};
use super::new_object::Header;
use super::rsa_wrap;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::crypto::pkcs8;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{ObjectType, Origin, material};

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let wrap_key = rsa_wrap::import_key(call, input.u16()?)?;
    let kind = ObjectType::from_byte(input.u8()?)?;
    let header = Header::read(&mut input)?;
    call.trace.second = header.id;
    let hashes = rsa_wrap::hashes(call, &mut input)?;
    let key = rsa_wrap::unwrap(call, &wrap_key, hashes, input.rest())?;
    let key: Zeroizing<Vec<u8>> = match kind {
        ObjectType::AsymmetricKey => pkcs8::decode(header.algorithm, &key)?,
        ObjectType::SymmetricKey => key,
        _ => return Err(DeviceError::InvalidData),
    };
    let target = call.trace.target;
    header.check(call, kind, Capabilities::NONE)?;
    call.trace.target = target;
    let secret = material::import(kind, header.algorithm, &key, call.firmware)?;
    let origin = Origin::IMPORTED.under_wrap();
    let object = header.object(kind, Capabilities::NONE, origin, secret);
    allowed(wrap_key.delegated.contains(object.capabilities))?;
    let id = call.state.objects.insert(object, call.rng)?;
    call.trace.second = id;
    handle_answer(kind, id)
}
