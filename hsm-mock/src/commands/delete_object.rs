//! `DELETE OBJECT` (0x58): id (2), type (1). The session needs the delete capability of that type.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::input::Input;
use crate::objects::{FACTORY_AUTHENTICATION_KEY, ObjectType};

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    call.trace.target = id;
    let kind = ObjectType::from_byte(input.u8()?)?;
    input.finish()?;
    call.require(capability(kind))?;
    call.state.objects.remove_in(call.caller.domains, kind, id)?;
    if (kind, id) == (ObjectType::AuthenticationKey, FACTORY_AUTHENTICATION_KEY) {
        call.state.options.factory_key_gone();
    }
    Ok(Zeroizing::default())
}

fn capability(kind: ObjectType) -> Capabilities {
    match kind {
        ObjectType::Opaque => Capabilities::DELETE_OPAQUE,
        ObjectType::AuthenticationKey => Capabilities::DELETE_AUTHENTICATION_KEY,
        ObjectType::AsymmetricKey => Capabilities::DELETE_ASYMMETRIC_KEY,
        ObjectType::WrapKey => Capabilities::DELETE_WRAP_KEY,
        ObjectType::HmacKey => Capabilities::DELETE_HMAC_KEY,
        ObjectType::Template => Capabilities::DELETE_TEMPLATE,
        ObjectType::OtpAeadKey => Capabilities::DELETE_OTP_AEAD_KEY,
        ObjectType::SymmetricKey => Capabilities::DELETE_SYMMETRIC_KEY,
        ObjectType::PublicWrapKey => Capabilities::DELETE_PUBLIC_WRAP_KEY,
    }
}
