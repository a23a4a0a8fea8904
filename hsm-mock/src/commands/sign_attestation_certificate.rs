//! `SIGN ATTESTATION CERTIFICATE` (0x64): key id (2), attesting key id (2). Answer: an X.509
//! certificate (DER).
//!
//! Attesting key 0 is the factory's. Any other needs the capability, and a certificate, any one, as
//! an opaque object of its id: names and dates come from there. Key 0 is the device's own key for
//! asymmetric authentication.

use zeroize::Zeroizing;

use super::call::allowed;
use super::{Answer, Call};
use crate::algorithm;
use crate::attestation::{self, Attester, FACTORY_KEY_ID, Subject};
use crate::capability::Capabilities;
use crate::crypto::public_key;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::input::Input;
use crate::objects::{Label, Object, ObjectType, Origin};

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let (id, attesting_id) = (input.u16()?, input.u16()?);
    call.trace.target = id;
    call.trace.second = attesting_id;
    input.finish()?;
    let object = match id {
        0 if call.firmware >= Firmware::V2_3_0 => device_object(call),
        _ => call.target(ObjectType::AsymmetricKey, id)?.clone(),
    };
    let public = public_key::of_stored(object.algorithm, object.secret.expose())?;
    let subject = Subject {
        id,
        algorithm: object.algorithm,
        public,
        origin: object.origin,
        domains: object.domains,
        capabilities: object.capabilities,
        label: object.label,
        serial: call.state.serial,
        firmware: call.firmware,
        fips_approved: call.state.options.fips_approved(),
    };
    if attesting_id == FACTORY_KEY_ID {
        let factory = call.state.attestation.clone();
        let certificate = factory.certificate();
        return attestation::sign(&subject, &factory.attester(), certificate, call.rng)
            .map(Zeroizing::new);
    }
    let attester = call.find(ObjectType::AsymmetricKey, attesting_id)?.clone();
    allowed(attester.capabilities.contains(Capabilities::SIGN_ATTESTATION_CERTIFICATE))?;
    let template = call.find(ObjectType::Opaque, attesting_id)?.clone();
    if template.algorithm != algorithm::OPAQUE_X509_CERTIFICATE {
        return Err(DeviceError::InvalidData);
    }
    let attester = Attester { algorithm: attester.algorithm, stored: attester.secret.expose() };
    attestation::sign(&subject, &attester, template.secret.expose(), call.rng).map(Zeroizing::new)
}

/// The device's own key as if it were an object.
fn device_object(call: &Call<'_>) -> Object {
    Object {
        id: 0,
        kind: ObjectType::AsymmetricKey,
        algorithm: algorithm::EC_P256,
        label: Label::from_text(""),
        domains: 0xffff,
        capabilities: Capabilities::NONE,
        delegated: Capabilities::NONE,
        sequence: 0,
        origin: Origin::GENERATED,
        secret: call.state.device_key.clone(),
    }
}
