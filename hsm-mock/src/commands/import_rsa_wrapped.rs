//! `IMPORT RSA WRAPPED` (0x77): wrap key id (2), hashes of OAEP and MGF1 (1 each), the object under
//! RSA wrap, the digest of the label. Answer: type (1), id (2).

use super::rsa_wrap;
use super::{Answer, Call, import_wrapped};
use crate::input::Input;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let wrap_key = rsa_wrap::import_key(call, input.u16()?)?;
    let hashes = rsa_wrap::hashes(call, &mut input)?;
    let plaintext = rsa_wrap::unwrap(call, &wrap_key, hashes, input.rest())?;
    import_wrapped::store(call, &wrap_key, &plaintext)
}
