//! `RANDOMIZE OTP AEAD` (0x62): key id (2). Answer: the AEAD (36) of a credential that nobody
//! knows.

use zeroize::Zeroizing;

use super::otp_aead;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    input.finish()?;
    let key = call.capable_target(ObjectType::OtpAeadKey, id, Capabilities::RANDOMIZE_OTP_AEAD)?;
    let credential = Zeroizing::new(call.rng.array());
    otp_aead::seal(&key, &credential, call.rng).map(Zeroizing::new)
}
