use hsm_mock::{MOCK_ROOT_PEM, MOCK_SUB_CA_PEM};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem, Encode};
use yubihsm::device::ErrorKind;
use yubihsm::{Capability, opaque};

use crate::rig::{DOMAIN, Rig, generate, public_point, refusal};

/// `certificate` names `issuer` and carries its signature.
fn assert_issued_by(certificate: &Certificate, issuer: &Certificate) {
    let (tbs, issuer) = (&certificate.tbs_certificate, &issuer.tbs_certificate);
    assert_eq!(tbs.issuer, issuer.subject);
    let key = VerifyingKey::from_sec1_bytes(
        issuer.subject_public_key_info.subject_public_key.raw_bytes(),
    )
    .unwrap();
    let signature = DerSignature::from_bytes(certificate.signature.raw_bytes()).unwrap();
    key.verify(&tbs.to_der().unwrap(), &signature).unwrap();
}

#[test]
fn an_attestation_ends_at_the_mock_root_which_says_so() {
    let rig = Rig::new(1001);
    let client = rig.admin();
    generate(&client, 0x0101, Capability::DERIVE_ECDH);
    let key = Certificate::from_der(
        client.sign_attestation_certificate(0x0101, None).unwrap().as_slice(),
    )
    .unwrap();
    let device = Certificate::from_der(&client.get_opaque(0).unwrap()).unwrap();
    let sub_ca = Certificate::from_pem(MOCK_SUB_CA_PEM).unwrap();
    let root = Certificate::from_pem(MOCK_ROOT_PEM).unwrap();
    assert_issued_by(&key, &device);
    assert_issued_by(&device, &sub_ca);
    assert_issued_by(&sub_ca, &root);
    assert_issued_by(&root, &root);
    let subjects = [&key, &device, &sub_ca, &root].map(|c| c.tbs_certificate.subject.to_string());
    let expected = [
        "CN=YubiHSM Attestation id:0x0101",
        "CN=YubiHSM Attestation (1001)",
        "CN=Keepsake MOCK YubiHSM Sub-CA - NOT HARDWARE",
        "CN=Keepsake MOCK YubiHSM Root CA - NOT HARDWARE",
    ];
    assert_eq!(subjects, expected);
    let attested = key.tbs_certificate.subject_public_key_info.subject_public_key;
    assert_eq!(attested.raw_bytes(), public_point(&client, 0x0101));
}

#[test]
fn another_key_attests_with_the_certificate_of_its_id() {
    let rig = Rig::new(1001);
    let client = rig.admin();
    generate(&client, 7, Capability::SIGN_ATTESTATION_CERTIFICATE);
    generate(&client, 8, Capability::empty());
    let attest = || client.sign_attestation_certificate(8, Some(7));
    assert_eq!(refusal(attest()), ErrorKind::ObjectNotFound, "no certificate yet");
    let certificate = client.sign_attestation_certificate(7, None).unwrap().into_vec();
    let algorithm = opaque::Algorithm::X509Certificate;
    client
        .put_opaque(7, "cert".into(), DOMAIN, Capability::empty(), algorithm, certificate.clone())
        .unwrap();
    let attested = Certificate::from_der(attest().unwrap().as_slice()).unwrap();
    assert_issued_by(&attested, &Certificate::from_der(&certificate).unwrap());
    assert_eq!(
        refusal(client.sign_attestation_certificate(7, Some(8))),
        ErrorKind::InsufficientPermissions
    );
    assert_eq!(refusal(client.sign_attestation_certificate(99, None)), ErrorKind::ObjectNotFound);
}

#[test]
fn a_factory_reset_keeps_the_device_certificate() {
    let rig = Rig::new(1001);
    let before = rig.admin().get_opaque(0).unwrap();
    rig.admin().reset_device().unwrap();
    assert_eq!(rig.admin().get_opaque(0).unwrap(), before);
}
