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

struct Question {
    site: SoftwareKey,
    alpha: Point,
    check: Check,
}

impl Question {
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
    let question = Question::new();
    let (beta, answer) = question.answers_of(&question.site);
    assert!(question.holds(&beta, &answer));
}

#[test]
fn another_sites_evaluation_is_refused() {
    let question = Question::new();
    let other = SoftwareKey::generate(&mut OsRng);
    let (beta, answer) = question.answers_of(&question.site);
    let (other_beta, other_answer) = question.answers_of(&other);
    assert!(!question.holds(&other_beta, &other_answer), "consistent, but of another key");
    assert!(!question.holds(&other_beta, &answer));
    assert!(!question.holds(&beta, &other_answer));
}

#[test]
fn shifted_negated_and_swapped_evaluations_are_refused() {
    let question = Question::new();
    let (beta, answer) = question.answers_of(&question.site);
    let moved_by = |point: &Point, by: ProjectivePoint| uncompressed(projective(point) + by);
    let negated = |point: &Point| uncompressed(-projective(point));
    // What a site could add without knowing the client's c and d.
    let shifts = [
        ProjectivePoint::GENERATOR,
        projective(&question.alpha),
        projective(&question.check.alpha()),
        projective(&question.site.public()),
        projective(&beta),
    ];
    for by in shifts {
        assert!(!question.holds(&moved_by(&beta, by), &answer));
        assert!(!question.holds(&beta, &moved_by(&answer, by)));
        assert!(!question.holds(&moved_by(&beta, by), &moved_by(&answer, by)), "by the same");
    }
    assert!(!question.holds(&negated(&beta), &answer));
    assert!(!question.holds(&beta, &negated(&answer)));
    assert!(!question.holds(&negated(&beta), &negated(&answer)));
    assert!(!question.holds(&answer, &beta));
    assert!(!question.holds(&answer, &answer));
    assert!(!question.holds(&beta, &beta));
}

#[test]
fn an_answer_to_another_check_is_refused() {
    let question = Question::new();
    let (beta, _) = question.answers_of(&question.site);
    let earlier = Check::of(&question.alpha, &mut OsRng).unwrap();
    let answer = oprf::evaluate(&question.site, &earlier.alpha()).unwrap();
    assert!(earlier.holds(&question.site.public(), &beta, &answer));
    assert!(!question.holds(&beta, &answer));
}

#[test]
fn what_is_no_point_is_refused() {
    let question = Question::new();
    let (beta, answer) = question.answers_of(&question.site);
    for bad in [Point([0; 65]), Point([4; 65]), Point([0xff; 65])] {
        assert!(!question.holds(&bad, &answer));
        assert!(!question.holds(&beta, &bad));
        assert!(!question.check.holds(&bad, &beta, &answer));
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
