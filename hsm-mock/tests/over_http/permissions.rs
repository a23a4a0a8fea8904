use yubihsm::audit::AuditOption;
use yubihsm::device::ErrorKind;
use yubihsm::ecdh::UncompressedPoint;
use yubihsm::{Capability, Client, Domain, asymmetric, authentication};

use crate::rig::{ASYMMETRIC, DOMAIN, Rig, generate, public_point, refusal};

fn try_generate(
    client: &Client,
    domains: Domain,
    capabilities: Capability,
) -> Result<u16, yubihsm::client::Error> {
    client.generate_asymmetric_key(
        0,
        "try".into(),
        domains,
        capabilities,
        asymmetric::Algorithm::EcP256,
    )
}

fn derive(client: &Client, id: u16, point: &[u8]) -> Result<(), yubihsm::client::Error> {
    client.derive_ecdh(id, UncompressedPoint::from_bytes(point).unwrap()).map(|_| ())
}

#[test]
fn a_session_without_capabilities_can_only_look() {
    let rig = Rig::new(1);
    let admin = rig.admin();
    generate(&admin, 0x0101, Capability::all());
    let point = public_point(&admin, 0x0101);
    let client = rig.limited(0x0201, DOMAIN, Capability::empty());
    client.echo(*b"hello").unwrap();
    client.device_info().unwrap();
    client.get_storage_info().unwrap();
    client.get_public_key(0x0101).unwrap();
    client.list_objects(&[]).unwrap();
    client.get_object_info(0x0101, ASYMMETRIC).unwrap();
    let refused = [
        derive(&client, 0x0101, &point),
        client.sign_ecdsa_prehash_raw(0x0101, [1; 32]).map(|_| ()),
        client.sign_attestation_certificate(0x0101, None).map(|_| ()),
        client.delete_object(0x0101, ASYMMETRIC),
        client.get_log_entries().map(|_| ()),
        client.set_log_index(1),
        client.get_force_audit_option().map(|_| ()),
        client.set_force_audit_option(AuditOption::Off),
        client.get_pseudo_random(1).map(|_| ()),
        client.export_wrapped(1, ASYMMETRIC, 0x0101).map(|_| ()),
        client.get_opaque(0).map(|_| ()),
        try_generate(&client, DOMAIN, Capability::empty()).map(|_| ()),
    ];
    for result in refused {
        assert_eq!(refusal(result), ErrorKind::InsufficientPermissions);
    }
    client.reset_device().unwrap();
    assert_eq!(client.echo(*b"gone").ok(), None, "the client ends its session itself");
    rig.admin().get_object_info(0x0101, ASYMMETRIC).unwrap();
}

#[test]
fn a_key_needs_the_capability_too() {
    let rig = Rig::new(1);
    let admin = rig.admin();
    generate(&admin, 1, Capability::SIGN_ECDSA);
    generate(&admin, 2, Capability::DERIVE_ECDH);
    let point = public_point(&admin, 1);
    assert_eq!(refusal(derive(&admin, 1, &point)), ErrorKind::InsufficientPermissions);
    assert_eq!(
        refusal(admin.sign_ecdsa_prehash_raw(2, [1; 32])),
        ErrorKind::InsufficientPermissions
    );
}

#[test]
fn another_domain_hides_an_object() {
    let rig = Rig::new(1);
    let admin = rig.admin();
    generate(&admin, 7, Capability::DERIVE_ECDH);
    let point = public_point(&admin, 7);
    let elsewhere = rig.limited(0x0202, Domain::DOM2, Capability::all());
    assert_eq!(refusal(derive(&elsewhere, 7, &point)), ErrorKind::ObjectNotFound);
    assert_eq!(refusal(elsewhere.get_public_key(7)), ErrorKind::ObjectNotFound);
    assert_eq!(refusal(elsewhere.get_object_info(7, ASYMMETRIC)), ErrorKind::ObjectNotFound);
    assert_eq!(refusal(elsewhere.delete_object(7, ASYMMETRIC)), ErrorKind::ObjectNotFound);
    assert_eq!(refusal(elsewhere.sign_attestation_certificate(7, None)), ErrorKind::ObjectNotFound);
    let ids: Vec<_> =
        elsewhere.list_objects(&[]).unwrap().iter().map(|entry| entry.object_id).collect();
    assert_eq!(ids, [1, 0x0202], "the factory key is in all domains");
    let both = Domain::DOM1 | Domain::DOM2;
    assert_eq!(
        refusal(try_generate(&elsewhere, both, Capability::empty())),
        ErrorKind::InsufficientPermissions
    );
    try_generate(&elsewhere, Domain::DOM2, Capability::empty()).unwrap();
}

#[test]
fn a_session_gives_only_what_it_may_delegate() {
    let rig = Rig::new(1);
    let own = Capability::GENERATE_ASYMMETRIC_KEY
        | Capability::PUT_AUTHENTICATION_KEY
        | Capability::DERIVE_ECDH;
    let client = rig.limited_delegating(0x0201, DOMAIN, own, Capability::SIGN_ECDSA);
    try_generate(&client, DOMAIN, Capability::SIGN_ECDSA).unwrap();
    assert_eq!(
        refusal(try_generate(&client, DOMAIN, Capability::DERIVE_ECDH)),
        ErrorKind::InsufficientPermissions,
        "having a capability is not being allowed to give it"
    );
    let put = |own, delegated| {
        let key = authentication::Key::derive_from_password(b"next");
        let algorithm = authentication::Algorithm::YubicoAes;
        client.put_authentication_key(0, "next".into(), DOMAIN, own, delegated, algorithm, key)
    };
    put(Capability::SIGN_ECDSA, Capability::SIGN_ECDSA).unwrap();
    let refused = put(Capability::empty(), Capability::DERIVE_ECDH);
    assert_eq!(refusal(refused), ErrorKind::InsufficientPermissions);
}

#[test]
fn the_statement_key_makes_and_attests_only_powerless_keys() {
    let rig = Rig::new(1);
    let own = Capability::GENERATE_ASYMMETRIC_KEY
        | Capability::DELETE_ASYMMETRIC_KEY
        | Capability::SIGN_ATTESTATION_CERTIFICATE;
    let client = rig.limited_delegating(0x0202, Domain::DOM2, own, Capability::empty());
    let id = try_generate(&client, Domain::DOM2, Capability::empty()).unwrap();
    client.sign_attestation_certificate(id, None).unwrap();
    client.delete_object(id, ASYMMETRIC).unwrap();
    let refused = try_generate(&client, Domain::DOM2, Capability::SIGN_ECDSA);
    assert_eq!(refusal(refused), ErrorKind::InsufficientPermissions);
}
