//! `REWRAP OTP AEAD` (0x63): key ids from and to (2 each), an AEAD (36). Answer: the AEAD under the
//! other key.

use zeroize::Zeroizing;

use super::call::allowed;
use super::otp_aead;
use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::input::Input;
use crate::objects::ObjectType;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let (from, to) = (input.u16()?, input.u16()?);
    call.trace.second = to;
    call.require(Capabilities::REWRAP_FROM_OTP_AEAD_KEY)?;
    call.require(Capabilities::REWRAP_TO_OTP_AEAD_KEY)?;
    let needed = Capabilities::REWRAP_FROM_OTP_AEAD_KEY;
    let from = call.capable_target(ObjectType::OtpAeadKey, from, needed)?;
    let to = call.find(ObjectType::OtpAeadKey, to)?.clone();
    allowed(to.capabilities.contains(Capabilities::REWRAP_TO_OTP_AEAD_KEY))?;
    call.require_enabled(to.algorithm)?;
    let aead = input.array()?;
    input.finish()?;
    let credential = otp_aead::open(&from, &aead)?;
    otp_aead::seal(&to, &credential, call.rng).map(Zeroizing::new)
}
