//! The commands of a ceremony, as bytes. No IO.

use crate::commands::{Command, FACTORY_ID, header};
use crate::objects::{AuthSpec, ObjectType};
use crate::{AuthKey, HsmError};
use fleet_evidence::device_profile::{KEY_DOMAINS, WRAP_KEY, capability};
use yubihsm::command::Code;
use yubihsm::{Capability, authentication, wrap};

pub(super) fn reset_device() -> Command {
    Command::new("reset device", Code::ResetDevice, &[])
}

pub(super) fn list_objects() -> Command {
    Command::new("list objects", Code::ListObjects, &[])
}

/// By id and raw type.
pub(super) fn get_object_info(id: u16, kind: u8) -> Command {
    Command::new("get object info", Code::GetObjectInfo, &[&id.to_be_bytes(), &[kind]])
}

pub(super) fn get_option(tag: u8) -> Command {
    Command::new("get option", Code::GetOption, &[&[tag]])
}

pub(super) fn set_option(tag: u8, value: &[u8]) -> Command {
    let length = u16::try_from(value.len()).expect("at most two bytes for each of 256 commands");
    Command::new("set option", Code::SetOption, &[&[tag], &length.to_be_bytes(), value])
}

/// A login that can pass nothing on.
pub(super) fn put_authentication_key(spec: &AuthSpec, key: &AuthKey) -> Result<Command, HsmError> {
    let algorithm = authentication::Algorithm::YubicoAes.to_u8();
    let head = header(spec.id, spec.label, spec.domains, spec.capabilities, algorithm)?;
    let delegated = Capability::empty().bits().to_be_bytes();
    let parts: [&[u8]; 4] = [&head, &delegated, key.encryption(), key.mac()];
    Ok(Command::new("put authentication key", Code::PutAuthenticationKey, &parts))
}

/// The cloning key with one of its two powers, over the fleet key's capabilities only.
pub(super) fn put_wrap_key(key: &[u8; 32], power: u64) -> Result<Command, HsmError> {
    let algorithm = wrap::Algorithm::Aes256Ccm.to_u8();
    let head = header(WRAP_KEY, "keepsake cloning", KEY_DOMAINS, power, algorithm)?;
    let delegated = capability::DERIVE_ECDH | capability::EXPORTABLE_UNDER_WRAP;
    Ok(Command::new("put wrap key", Code::PutWrapKey, &[&head, &delegated.to_be_bytes(), key]))
}

pub(super) fn export_wrapped(wrap_key: u16, kind: ObjectType, id: u16) -> Command {
    let parts: [&[u8]; 3] = [&wrap_key.to_be_bytes(), &[kind.code()], &id.to_be_bytes()];
    Command::new("export wrapped", Code::ExportWrapped, &parts)
}

pub(super) fn import_wrapped(wrap_key: u16, message: &wrap::Message) -> Command {
    let message = message.clone().into_vec();
    Command::new("import wrapped", Code::ImportWrapped, &[&wrap_key.to_be_bytes(), &message])
}

/// The certificate of the factory's key.
pub(super) fn get_factory_certificate() -> Command {
    Command::new("get opaque", Code::GetOpaqueObject, &[&FACTORY_ID.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::OPERATIONAL;

    #[test]
    fn a_login_is_put_with_both_halves_of_its_key_and_nothing_to_pass_on() {
        let put = put_authentication_key(&OPERATIONAL, &AuthKey::factory_default()).unwrap();
        assert_eq!((put.code, put.data.len()), (0x44, 2 + 40 + 2 + 8 + 1 + 8 + 32));
        assert_eq!(put.data[53..61], [0; 8]);
    }
}
