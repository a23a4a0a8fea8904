//! RFC 9497 through a device that answers only with x-coordinates.
#![allow(clippy::unwrap_used)]

mod support;

use p256::elliptic_curve::sec1::ToEncodedPoint;
use rand_core::OsRng;
use recovery_crypto::{DeviceKey, DeviceKeyError, SoftwareKey, oprf};
use support::Fixed;
use vault_protocol::Point;
use zeroize::Zeroizing;

fn compressed(point: &Point) -> String {
    let key = p256::PublicKey::from_sec1_bytes(&point.0).unwrap();
    hex::encode(key.to_encoded_point(true).as_bytes())
}

fn uncompressed(point: &p256::ProjectivePoint) -> Point {
    Point::from_slice(point.to_affine().to_encoded_point(false).as_bytes()).unwrap()
}

#[test]
fn the_rfc_vectors_pass_through_the_device() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("vectors/rfc9497-p256-sha256.json")).unwrap();
    let bytes = |v: &serde_json::Value| hex::decode(v.as_str().unwrap()).unwrap();
    let key = SoftwareKey::from_bytes(&bytes(&vectors["private_key"]).try_into().unwrap()).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let blinded =
            oprf::blind(&bytes(&case["input"]), &mut Fixed(bytes(&case["blind"]))).unwrap();
        assert_eq!(compressed(&blinded.alpha()), case["blinded_element"].as_str().unwrap());
        let beta = oprf::evaluate(&key, &blinded.alpha()).unwrap();
        assert_eq!(compressed(&beta), case["evaluation_element"].as_str().unwrap());
        assert_eq!(
            hex::encode(*blinded.finalize(&beta).unwrap()),
            case["output"].as_str().unwrap()
        );
    }
}

#[test]
fn the_generator_and_its_negative_need_no_device() {
    struct Silent(Point);
    impl DeviceKey for Silent {
        fn public(&self) -> Point {
            self.0
        }
        fn ecdh(&self, _: &Point) -> Result<Zeroizing<[u8; 32]>, DeviceKeyError> {
            panic!("the device must not be asked")
        }
    }
    let public = SoftwareKey::generate(&mut OsRng).public();
    let negated = -p256::PublicKey::from_sec1_bytes(&public.0).unwrap().to_projective();
    let g = p256::ProjectivePoint::GENERATOR;
    assert_eq!(oprf::evaluate(&Silent(public), &uncompressed(&g)).unwrap(), public);
    assert_eq!(
        oprf::evaluate(&Silent(public), &uncompressed(&-g)).unwrap(),
        uncompressed(&negated)
    );
}

#[test]
fn small_multiples_of_the_generator_agree_with_plain_multiplication() {
    let secret = p256::SecretKey::random(&mut OsRng);
    let key = SoftwareKey::from_bytes(&secret.to_bytes().into()).unwrap();
    let mut point = p256::ProjectivePoint::GENERATOR;
    for _ in 0..20 {
        for alpha in [point, -point] {
            let expected = uncompressed(&(alpha * *secret.to_nonzero_scalar()));
            assert_eq!(oprf::evaluate(&key, &uncompressed(&alpha)).unwrap(), expected);
        }
        point += p256::ProjectivePoint::GENERATOR;
    }
}

#[test]
fn a_device_that_holds_another_key_is_noticed() {
    struct Swapped(SoftwareKey, Point);
    impl DeviceKey for Swapped {
        fn public(&self) -> Point {
            self.1
        }
        fn ecdh(&self, point: &Point) -> Result<Zeroizing<[u8; 32]>, DeviceKeyError> {
            self.0.ecdh(point)
        }
    }
    let swapped =
        Swapped(SoftwareKey::generate(&mut OsRng), SoftwareKey::generate(&mut OsRng).public());
    let alpha = oprf::blind(b"code", &mut OsRng).unwrap().alpha();
    assert_eq!(oprf::evaluate(&swapped, &alpha), Err(oprf::OprfError::Inconsistent));
}

#[test]
fn points_off_the_curve_are_refused() {
    let key = SoftwareKey::generate(&mut OsRng);
    for bytes in [[0; 65], [4; 65], [0xff; 65]] {
        assert_eq!(oprf::evaluate(&key, &Point(bytes)), Err(oprf::OprfError::BadPoint));
    }
}
