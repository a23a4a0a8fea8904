use p256::SecretKey;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use rand_core::OsRng;
use yubihsm::device::ErrorKind;
use yubihsm::ecdh::UncompressedPoint;
use yubihsm::object::{Filter, Origin, Type};
use yubihsm::{Capability, Client, asymmetric, opaque};

use crate::rig::{ASYMMETRIC, DOMAIN, Rig, generate, public_point, refusal};

fn derive(client: &Client, id: u16, point: &[u8]) -> Result<Vec<u8>, yubihsm::client::Error> {
    client
        .derive_ecdh(id, UncompressedPoint::from_bytes(point).unwrap())
        .map(|shared| shared.as_slice().to_vec())
}

#[test]
fn derive_ecdh_gives_the_x_coordinate_that_p256_gives() {
    let rig = Rig::new(1);
    let client = rig.admin();
    generate(&client, 0x0101, Capability::DERIVE_ECDH);
    let device = p256::PublicKey::from_sec1_bytes(&public_point(&client, 0x0101)).unwrap();
    for _ in 0..10 {
        let ours = SecretKey::random(&mut OsRng);
        let point = ours.public_key().to_encoded_point(false);
        let expected = p256::ecdh::diffie_hellman(ours.to_nonzero_scalar(), device.as_affine());
        assert_eq!(
            derive(&client, 0x0101, point.as_bytes()).unwrap(),
            expected.raw_secret_bytes().as_slice()
        );
    }
}

#[test]
fn derive_ecdh_refuses_points_that_are_none() {
    let rig = Rig::new(1);
    let client = rig.admin();
    generate(&client, 0x0101, Capability::DERIVE_ECDH);
    let zero = [&[4], [0; 64].as_slice()].concat();
    let ones = [&[4], [0xff; 64].as_slice()].concat();
    assert_eq!(refusal(derive(&client, 0x0101, &zero)), ErrorKind::InvalidData);
    assert_eq!(refusal(derive(&client, 0x0101, &ones)), ErrorKind::InvalidData);
    assert_eq!(refusal(derive(&client, 0x0101, &[4; 97])), ErrorKind::WrongLength);
    assert_eq!(refusal(derive(&client, 0x0102, &zero)), ErrorKind::ObjectNotFound);
}

#[test]
fn an_imported_key_computes_with_its_own_integer() {
    let rig = Rig::new(1);
    let client = rig.admin();
    let key = SecretKey::random(&mut OsRng);
    let algorithm = asymmetric::Algorithm::EcP256;
    let id = client
        .put_asymmetric_key(
            0,
            "mine".into(),
            DOMAIN,
            Capability::SIGN_ECDSA,
            algorithm,
            key.to_bytes().to_vec(),
        )
        .unwrap();
    assert_eq!(public_point(&client, id), key.public_key().to_encoded_point(false).as_bytes());
    assert_eq!(client.get_object_info(id, ASYMMETRIC).unwrap().origin, Origin::Imported);
    let bad = client.put_asymmetric_key(
        0,
        "zero".into(),
        DOMAIN,
        Capability::empty(),
        algorithm,
        [0; 32],
    );
    assert_eq!(refusal(bad), ErrorKind::InvalidData);
}

#[test]
fn an_ecdsa_signature_verifies_whatever_the_digest() {
    let rig = Rig::new(1);
    let client = rig.admin();
    generate(&client, 0x0104, Capability::SIGN_ECDSA);
    let verifier = VerifyingKey::from_sec1_bytes(&public_point(&client, 0x0104)).unwrap();
    for length in [20, 32, 48, 64] {
        let digest = vec![0x5a; length];
        let signature = client.sign_ecdsa_prehash_raw(0x0104, digest.clone()).unwrap();
        verifier.verify_prehash(&digest, &DerSignature::from_bytes(&signature).unwrap()).unwrap();
    }
    assert_eq!(refusal(client.sign_ecdsa_prehash_raw(0x0104, [1; 31])), ErrorKind::WrongLength);
}

#[test]
fn an_algorithm_that_is_not_emulated_is_turned_off() {
    let rig = Rig::new(1);
    let client = rig.admin();
    for algorithm in [
        asymmetric::Algorithm::Rsa2048,
        asymmetric::Algorithm::EcP384,
        asymmetric::Algorithm::Ed25519,
    ] {
        let refused =
            client.generate_asymmetric_key(0, "off".into(), DOMAIN, Capability::empty(), algorithm);
        // The client has no name for ALGORITHM_DISABLED (0x12).
        assert!(refused.is_err(), "{algorithm:?}");
    }
    let hmac = client.generate_hmac_key(
        0,
        "off".into(),
        DOMAIN,
        Capability::empty(),
        yubihsm::hmac::Algorithm::Sha256,
    );
    assert_eq!(refusal(hmac), ErrorKind::InvalidCommand);
}

#[test]
fn object_info_and_lists_tell_what_was_made() {
    let rig = Rig::new(1);
    let client = rig.admin();
    generate(&client, 0x0101, Capability::DERIVE_ECDH);
    let info = client.get_object_info(0x0101, ASYMMETRIC).unwrap();
    assert_eq!((info.object_id, info.length, info.domains, info.sequence), (0x0101, 96, DOMAIN, 0));
    assert_eq!((info.capabilities, info.origin), (Capability::DERIVE_ECDH, Origin::Generated));
    assert_eq!(info.label.to_string(), "key");
    let factory = client.get_object_info(1, Type::AuthenticationKey).unwrap();
    assert_eq!(
        (factory.length, factory.label.to_string().as_str()),
        (40, "DEFAULT AUTHKEY CHANGE THIS ASAP")
    );
    assert_eq!(factory.capabilities, factory.delegated_capabilities);

    let ids = |filters: &[Filter]| -> Vec<u16> {
        client.list_objects(filters).unwrap().iter().map(|entry| entry.object_id).collect()
    };
    assert_eq!(ids(&[]), [1, 0x0101]);
    assert_eq!(ids(&[Filter::Type(ASYMMETRIC)]), [0x0101]);
    assert_eq!(ids(&[Filter::Id(1)]), [1]);
    assert_eq!(
        ids(&[Filter::Capabilities(Capability::DERIVE_ECDH), Filter::Label("key".into())]),
        [0x0101]
    );
    assert_eq!(ids(&[Filter::Label("nothing".into())]), [0; 0]);
}

#[test]
fn an_id_is_used_once_and_counts_up_when_used_again() {
    let rig = Rig::new(1);
    let client = rig.admin();
    generate(&client, 7, Capability::empty());
    let again = client.generate_asymmetric_key(
        7,
        "b".into(),
        DOMAIN,
        Capability::empty(),
        asymmetric::Algorithm::EcP256,
    );
    assert!(again.is_err());
    client.delete_object(7, ASYMMETRIC).unwrap();
    assert_eq!(refusal(client.delete_object(7, ASYMMETRIC)), ErrorKind::ObjectNotFound);
    generate(&client, 7, Capability::empty());
    assert_eq!(client.get_object_info(7, ASYMMETRIC).unwrap().sequence, 1);
}

#[test]
fn opaque_objects_give_back_what_was_put() {
    let rig = Rig::new(1);
    let client = rig.admin();
    for length in [1, 256, 1234, 1968] {
        let data = vec![0x42; length];
        let id = client
            .put_opaque(
                0,
                "data".into(),
                DOMAIN,
                Capability::empty(),
                opaque::Algorithm::Data,
                data.clone(),
            )
            .unwrap();
        assert_eq!(client.get_opaque(id).unwrap(), data);
    }
    let before = client.get_storage_info().unwrap();
    assert_eq!(
        (before.total_records, before.free_records, before.total_pages, before.page_size),
        (256, 251, 1024, 126)
    );
    // One page each for the factory key and 1 byte; 3, 10 and 16 for the others.
    assert_eq!(before.free_pages, 1024 - 31);
}

#[test]
fn random_bytes_are_as_many_as_asked_and_never_twice_the_same() {
    let rig = Rig::new(1);
    let client = rig.admin();
    let (one, other) =
        (client.get_pseudo_random(32).unwrap(), client.get_pseudo_random(32).unwrap());
    assert_eq!(one.len(), 32);
    assert_ne!(one, other);
    client.blink_device(1).unwrap();
}
