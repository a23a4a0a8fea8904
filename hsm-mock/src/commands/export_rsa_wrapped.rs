//! `EXPORT RSA WRAPPED` (0x76): see [`super::rsa_wrap::Export`]. Answer: the object under RSA wrap,
//! laid out as under AES wrap.

use zeroize::Zeroizing;

use super::rsa_wrap::Export;
use super::{Answer, Call};
use crate::objects::wrapped::{self, Format};

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let export = Export::read(call, data)?;
    let encoded = wrapped::encode(&export.object, &export.wrap_key, Format::WithoutSeed)?;
    export.wrap(call, &encoded).map(Zeroizing::new)
}
