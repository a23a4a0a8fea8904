//! `GET RSA WRAPPED KEY` (0x74): see [`super::rsa_wrap::Export`]. Answer: the bare key under RSA
//! wrap, PKCS #8 of an asymmetric key and the bytes of a symmetric one: other software can open it.

use zeroize::Zeroizing;

use super::rsa_wrap::Export;
use super::{Answer, Call};
use crate::crypto::pkcs8;
use crate::device_error::DeviceError;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let export = Export::read(call, data)?;
    let secret = export.object.secret.expose();
    let key = match export.object.kind {
        ObjectType::AsymmetricKey => pkcs8::encode(export.object.algorithm, secret)?,
        ObjectType::SymmetricKey => Zeroizing::new(secret.to_vec()),
        _ => return Err(DeviceError::InvalidData),
    };
    export.wrap(call, &key).map(Zeroizing::new)
}
