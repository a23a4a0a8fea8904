//! Before a code rests on a device's key, the device shows that it has that key.
#![allow(clippy::unwrap_used)]

use p256::ProjectivePoint;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use rand_core::OsRng;
use recovery_crypto::oprf::{self, Check, OprfError};
use recovery_crypto::{DeviceKey, SoftwareKey};
use vault_protocol::Point;

fn projective(point: &Point) -> ProjectivePoint {
    p256::PublicKey::from_sec1_bytes(&point.0).unwrap().to_projective()
}

fn uncompressed(point: ProjectivePoint) -> Point {
    Point::from_slice(point.to_affine().to_encoded_point(false).as_bytes()).unwrap()
}

struct Asked {
    site: SoftwareKey,
    alpha: Point,
    check: Check,
}

impl Asked {
    fn new() -> Self {
        let alpha = oprf::blind(b"code", &mut OsRng).unwrap().alpha();
        let check = Check::of(&alpha, &mut OsRng).unwrap();
        Self { site: SoftwareKey::generate(&mut OsRng), alpha, check }
    }

    fn holds(&self, beta: &Point, answer: &Point) -> bool {
        self.check.holds(&self.site.public(), beta, answer)
    }

    /// What a device with this key answers.
    fn answers_of(&self, key: &SoftwareKey) -> (Point, Point) {
        let evaluate = |point| oprf::evaluate(key, &point).unwrap();
        (evaluate(self.alpha), evaluate(self.check.alpha()))
    }
}

#[test]
fn the_right_evaluation_passes() {
    let asked = Asked::new();
    let (beta, answer) = asked.answers_of(&asked.site);
    assert!(asked.holds(&beta, &answer));
}

#[test]
fn another_sites_evaluation_is_refused() {
    let asked = Asked::new();
    let other = SoftwareKey::generate(&mut OsRng);
    let (beta, answer) = asked.answers_of(&asked.site);
    let (other_beta, other_answer) = asked.answers_of(&other);
    assert!(!asked.holds(&other_beta, &other_answer), "consistent, but of another key");
    assert!(!asked.holds(&other_beta, &answer));
    assert!(!asked.holds(&beta, &other_answer));
}

#[test]
fn shifted_negated_and_swapped_evaluations_are_refused() {
    let asked = Asked::new();
    let (beta, answer) = asked.answers_of(&asked.site);
    let moved_by = |point: &Point, by: ProjectivePoint| uncompressed(projective(point) + by);
    let negated = |point: &Point| uncompressed(-projective(point));
    // What a site could add without knowing the client's c and d.
    let shifts = [
        ProjectivePoint::GENERATOR,
        projective(&asked.alpha),
        projective(&asked.check.alpha()),
        projective(&asked.site.public()),
        projective(&beta),
    ];
    for by in shifts {
        assert!(!asked.holds(&moved_by(&beta, by), &answer));
        assert!(!asked.holds(&beta, &moved_by(&answer, by)));
        assert!(!asked.holds(&moved_by(&beta, by), &moved_by(&answer, by)), "by the same");
    }
    assert!(!asked.holds(&negated(&beta), &answer));
    assert!(!asked.holds(&beta, &negated(&answer)));
    assert!(!asked.holds(&negated(&beta), &negated(&answer)));
    assert!(!asked.holds(&answer, &beta));
    assert!(!asked.holds(&answer, &answer));
    assert!(!asked.holds(&beta, &beta));
}

#[test]
fn an_answer_to_another_check_is_refused() {
    let asked = Asked::new();
    let (beta, _) = asked.answers_of(&asked.site);
    let earlier = Check::of(&asked.alpha, &mut OsRng).unwrap();
    let answer = oprf::evaluate(&asked.site, &earlier.alpha()).unwrap();
    assert!(earlier.holds(&asked.site.public(), &beta, &answer));
    assert!(!asked.holds(&beta, &answer));
}

#[test]
fn what_is_no_point_is_refused() {
    let asked = Asked::new();
    let (beta, answer) = asked.answers_of(&asked.site);
    for bad in [Point([0; 65]), Point([4; 65]), Point([0xff; 65])] {
        assert!(!asked.holds(&bad, &answer));
        assert!(!asked.holds(&beta, &bad));
        assert!(!asked.check.holds(&bad, &beta, &answer));
        assert_eq!(Check::of(&bad, &mut OsRng).err(), Some(OprfError::BadPoint));
    }
}

#[test]
fn what_is_asked_is_another_element_each_time() {
    let alpha = oprf::blind(b"code", &mut OsRng).unwrap().alpha();
    let check = || Check::of(&alpha, &mut OsRng).unwrap().alpha();
    assert_ne!(check(), check());
    assert_ne!(check(), alpha);
}
