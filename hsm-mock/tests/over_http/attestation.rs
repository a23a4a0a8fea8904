use hsm_mock::{MOCK_ROOT_PEM, MOCK_SUB_CA_PEM};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, DecodePem, Encode};
use yubihsm::device::ErrorKind;
use yubihsm::{Capability, opaque};

use crate::rig::{DOMAIN, Rig, generate, public_point, refusal};

const RSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// `certificate` names `issuer` and carries its signature.
fn assert_issued_by(certificate: &Certificate, issuer: &Certificate) {
    let (tbs, issuer) = (&certificate.tbs_certificate, &issuer.tbs_certificate);
    assert_eq!(tbs.issuer, issuer.subject);
    assert_signed_by(certificate, issuer.subject_public_key_info.subject_public_key.raw_bytes());
}

/// The signature of `certificate` is that of a public key as X.509 carries it.
fn assert_signed_by(certificate: &Certificate, key: &[u8]) {
    let algorithm: &dyn VerificationAlgorithm = match certificate.signature_algorithm.oid {
        RSA_WITH_SHA256 => &RSA_PKCS1_2048_8192_SHA256,
        _ => &ECDSA_P256_SHA256_ASN1,
    };
    let message = certificate.tbs_certificate.to_der().unwrap();
    let signature = certificate.signature.raw_bytes();
    UnparsedPublicKey::new(algorithm, key).verify(&message, signature).unwrap();
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
fn another_key_attests_with_any_certificate_of_its_id_as_template() {
    let rig = Rig::new(1001);
    let client = rig.admin();
    generate(&client, 7, Capability::SIGN_ATTESTATION_CERTIFICATE);
    generate(&client, 8, Capability::empty());
    let attest = || client.sign_attestation_certificate(8, Some(7));
    assert_eq!(refusal(attest()), ErrorKind::ObjectNotFound, "no certificate yet");
    // Any certificate is a template; the device's own is one of another key.
    let template = client.get_opaque(0).unwrap();
    let algorithm = opaque::Algorithm::X509Certificate;
    client
        .put_opaque(7, "cert".into(), DOMAIN, Capability::empty(), algorithm, template.clone())
        .unwrap();
    let attested = Certificate::from_der(attest().unwrap().as_slice()).unwrap();
    let template = Certificate::from_der(&template).unwrap();
    assert_eq!(attested.tbs_certificate.issuer, template.tbs_certificate.subject);
    assert_eq!(attested.tbs_certificate.validity, template.tbs_certificate.validity);
    assert_signed_by(&attested, &public_point(&client, 7));
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
