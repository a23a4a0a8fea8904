//! The commands that a site sends, as bytes; `operator::commands` has those of a ceremony alone. No
//! IO.
//!
//! Source: developers.yubico.com/YubiHSM2/Commands. Codes, types and algorithms are the `yubihsm`
//! crate's.

use super::objects::{KeySpec, ObjectType};
use super::{AuthKey, HsmError};
use vault_protocol::Point;
use yubihsm::command::Code;
use yubihsm::{Capability, Domain, asymmetric, authentication, object};
use zeroize::Zeroizing;

/// Opaque object and key that the factory put into every device (id 0).
pub(crate) const FACTORY_ID: u16 = 0;

/// One command for a session.
pub(crate) struct Command {
    /// For errors.
    pub name: &'static str,
    pub code: u8,
    /// Some commands carry keys.
    pub data: Zeroizing<Vec<u8>>,
}

impl Command {
    pub(crate) fn new(name: &'static str, code: Code, parts: &[&[u8]]) -> Self {
        // At its full size from the start: a vector that grows leaves copies behind.
        let mut data =
            Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
        parts.iter().for_each(|part| data.extend_from_slice(part));
        Self { name, code: code.to_u8(), data }
    }
}

pub(crate) fn echo() -> Command {
    Command::new("echo", Code::Echo, &[b"keepsake"])
}

pub(crate) fn device_info() -> Command {
    Command::new("device info", Code::DeviceInfo, &[])
}

pub(crate) fn close_session() -> Command {
    Command::new("close session", Code::CloseSession, &[])
}

pub(crate) fn get_log_entries() -> Command {
    Command::new("get log entries", Code::GetLogEntries, &[])
}

pub(crate) fn set_log_index(number: u16) -> Command {
    Command::new("set log index", Code::SetLogIndex, &[&number.to_be_bytes()])
}

pub(crate) fn get_public_key(id: u16) -> Command {
    Command::new("get public key", Code::GetPublicKey, &[&id.to_be_bytes()])
}

pub(crate) fn derive_ecdh(id: u16, point: &Point) -> Command {
    Command::new("derive ecdh", Code::DeriveEcdh, &[&id.to_be_bytes(), &point.0])
}

/// `digest` is SHA-256 of what is signed.
pub(crate) fn sign_ecdsa(id: u16, digest: &[u8; 32]) -> Command {
    Command::new("sign ecdsa", Code::SignEcdsa, &[&id.to_be_bytes(), digest])
}

pub(crate) fn generate_key(spec: &KeySpec, domains: u16, label: &str) -> Result<Command, HsmError> {
    let algorithm = asymmetric::Algorithm::EcP256.to_u8();
    let head = header(spec.id, label, domains, spec.capabilities, algorithm)?;
    Ok(Command::new("generate asymmetric key", Code::GenerateAsymmetricKey, &[&head]))
}

/// The login of the session itself gets another key (firmware 2.1.0 and later).
pub(crate) fn change_authentication_key(id: u16, key: &AuthKey) -> Command {
    let algorithm = authentication::Algorithm::YubicoAes.to_u8();
    let parts: [&[u8]; 4] = [&id.to_be_bytes(), &[algorithm], key.encryption(), key.mac()];
    Command::new("change authentication key", Code::ChangeAuthenticationKey, &parts)
}

pub(crate) fn delete_object(id: u16, kind: ObjectType) -> Command {
    Command::new("delete object", Code::DeleteObject, &[&id.to_be_bytes(), &[kind.code()]])
}

/// Key `id` is attested by the factory's key.
pub(crate) fn attest(id: u16) -> Command {
    let parts: [&[u8]; 2] = [&id.to_be_bytes(), &FACTORY_ID.to_be_bytes()];
    Command::new("sign attestation certificate", Code::SignAttestationCertificate, &parts)
}

/// What every command that makes an object begins with: id, label, domains, capabilities,
/// algorithm.
pub(crate) fn header(
    id: u16,
    label: &str,
    domains: u16,
    capabilities: u64,
    algorithm: u8,
) -> Result<Vec<u8>, HsmError> {
    let label = object::Label::from_bytes(label.as_bytes())
        .map_err(|e| not_sendable("label", &e.to_string()))?;
    let domains =
        Domain::from_bits(domains).ok_or_else(|| not_sendable("domains", "unknown bits"))?;
    let capabilities = Capability::from_bits_retain(capabilities);
    Ok([
        &id.to_be_bytes()[..],
        &label.0,
        &domains.bits().to_be_bytes(),
        &capabilities.bits().to_be_bytes(),
        &[algorithm],
    ]
    .concat())
}

fn not_sendable(what: &'static str, reason: &str) -> HsmError {
    HsmError::NotSendable { what, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::OPRF;

    #[test]
    fn a_key_is_asked_for_as_yubico_lays_it_out() {
        let command = generate_key(&OPRF, 1, "ab").unwrap();
        let expected = format!("01016162{}00010000000000000800{}", "00".repeat(38), "0c");
        assert_eq!((command.code, hex::encode(&*command.data)), (0x46, expected));
        assert!(matches!(
            generate_key(&OPRF, 1, &"x".repeat(41)),
            Err(HsmError::NotSendable { .. })
        ));
    }

    #[test]
    fn a_changed_login_key_is_named_by_id_and_algorithm() {
        let command = change_authentication_key(0x0201, &AuthKey::factory_default());
        let key = "090b47dbed595654901dee1cc655e420592fd483f759e29909a04c4505d2ce0a";
        assert_eq!((command.code, hex::encode(&*command.data)), (0x6c, format!("020126{key}")));
    }
}
