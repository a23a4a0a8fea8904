//! `SIGN ATTESTATION CERTIFICATE` (0x64): key id (2), attesting key id (2). Answer: an X.509 certificate (DER).
//!
//! Attesting key 0 is the factory's. Any other needs the capability, and its certificate as an opaque object of its id.

use zeroize::Zeroizing;

use super::call::allowed;
use super::{Answer, Call};
use crate::algorithm;
use crate::attestation::{self, FACTORY_KEY_ID};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::ObjectType;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let (id, attesting_id) = (input.u16()?, input.u16()?);
    (call.trace.target, call.trace.second) = (id, attesting_id);
    input.finish()?;
    let object = call.target(ObjectType::AsymmetricKey, id)?.clone();
    let subject = attestation::Subject {
        object: &object,
        serial: call.state.serial,
        firmware: call.firmware,
    };
    if attesting_id == FACTORY_KEY_ID {
        let factory = &call.state.attestation;
        return attestation::sign(&subject, &factory.key()?, factory.certificate())
            .map(Zeroizing::new);
    }
    let objects = &call.state.objects;
    let attester = objects.get_in(call.caller.domains, ObjectType::AsymmetricKey, attesting_id)?;
    allowed(attester.capabilities.contains(Capabilities::SIGN_ATTESTATION_CERTIFICATE))?;
    let certificate = objects.get_in(call.caller.domains, ObjectType::Opaque, attesting_id)?;
    if certificate.algorithm != algorithm::OPAQUE_X509_CERTIFICATE {
        return Err(DeviceError::InvalidData);
    }
    attestation::sign(&subject, &attester.p256_key()?, certificate.secret.expose())
        .map(Zeroizing::new)
}
