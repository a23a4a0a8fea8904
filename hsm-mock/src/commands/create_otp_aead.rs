//! `CREATE OTP AEAD` (0x61): key id (2), AES key (16), private id (6). Answer: the AEAD (36).

use zeroize::Zeroizing;

use super::otp_aead;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    let key = call.capable_target(ObjectType::OtpAeadKey, id, Capabilities::CREATE_OTP_AEAD)?;
    let credential = Zeroizing::new(input.array()?);
    input.finish()?;
    otp_aead::seal(&key, &credential, call.rng).map(Zeroizing::new)
}
