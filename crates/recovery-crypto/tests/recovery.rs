//! A code goes in at registration and comes out at recovery, through n sites of which some lie.
#![allow(clippy::unwrap_used)]

mod support;

use rand_core::{OsRng, RngCore};
use recovery_crypto::{
    DeviceKey, Opened, RecoverError, Registered, RegistrationError, ShareAnswer, oprf, recover,
    sealing,
};
use support::fleet::{TestFleet, sets};
use vault_protocol::{Point, SiteIndex, box_info, boxes_digest};

fn try_code(
    fleet: &TestFleet,
    registered: &Registered,
    code: &[u8],
    up: &[u8],
) -> Result<Opened, RecoverError> {
    let blinded = oprf::blind(code, &mut OsRng).unwrap();
    let answers = fleet.answers(registered, up, &blinded.alpha());
    recover(&fleet.bundle, &registered.record, &blinded, &answers)
}

#[test]
fn any_majority_brings_the_key_back_and_no_minority_does() {
    for n in [3, 5] {
        let fleet = TestFleet::new(n);
        let registered = fleet.register(b"right", &fleet.all()).unwrap();
        let need = usize::from(fleet.bundle.threshold);
        for up in sets(n) {
            let opened = try_code(&fleet, &registered, b"right", &up).map(|o| o.vault_key);
            let too_few = RecoverError::TooFewSites { got: up.len(), need };
            let key = registered.vault_key.clone();
            let expected = if up.len() < need { Err(too_few) } else { Ok(key) };
            assert_eq!(opened, expected, "{up:?} of {n}");
        }
    }
}

#[test]
fn seven_sites_need_four() {
    let fleet = TestFleet::new(7);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let opened = try_code(&fleet, &registered, b"right", &[1, 3, 5, 7]).unwrap();
    assert_eq!(opened.vault_key, registered.vault_key);
}

#[test]
fn a_wrong_code_opens_nothing() {
    let fleet = TestFleet::new(5);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let refused = try_code(&fleet, &registered, b"wrong", &fleet.all()).err();
    assert_eq!(refused, Some(RecoverError::WrongCode));
}

#[test]
fn lying_sites_are_named_and_nothing_but_the_right_key_opens() {
    let fleet = TestFleet::new(5);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let blinded = oprf::blind(b"right", &mut OsRng).unwrap();
    let honest = fleet.answers(&registered, &fleet.all(), &blinded.alpha());
    // What an answer becomes, from its own and the next site's.
    type Lie = fn(&ShareAnswer, &ShareAnswer) -> ShareAnswer;
    let lies: [(&str, Lie); 4] = [
        ("another share", |own, next| {
            let mut masked_share = next.masked_share;
            OsRng.fill_bytes(&mut masked_share);
            ShareAnswer { masked_share, ..own.clone() }
        }),
        ("the next site's share", |own, next| ShareAnswer {
            site: own.site,
            beta: own.beta,
            ..next.clone()
        }),
        ("the next site's evaluation", |own, next| ShareAnswer { beta: next.beta, ..own.clone() }),
        ("no point at all", |own, _| ShareAnswer { beta: Point([4; 65]), ..own.clone() }),
    ];
    for ((what, lie), liars) in lies.iter().flat_map(|lie| sets(5).map(move |liars| (lie, liars))) {
        let answer = |position: usize| match liars.contains(&honest[position].site.0) {
            true => lie(&honest[position], &honest[(position + 1) % 5]),
            false => honest[position].clone(),
        };
        let answers: Vec<_> = (0..5).map(answer).collect();
        let opened = recover(&fleet.bundle, &registered.record, &blinded, &answers);
        assert_eq!(opened.is_ok(), liars.len() <= 2, "{what} by {liars:?}");
        if let Ok(opened) = opened {
            assert_eq!(opened.vault_key, registered.vault_key, "{what} by {liars:?}");
            assert_eq!(
                opened.liars,
                liars.iter().copied().map(SiteIndex).collect::<Vec<_>>(),
                "{what}"
            );
            assert_eq!(opened.used.len() + opened.liars.len(), 5, "{what} by {liars:?}");
        }
    }
}

#[test]
fn lying_sites_that_agree_with_each_other_do_not_stand_in_the_way_of_t_honest_ones() {
    // Both register the right code: the liars' answers fit each other, but not the record.
    let fleet = TestFleet::new(5);
    let ours = fleet.register(b"right", &fleet.all()).unwrap();
    let theirs = fleet.register(b"right", &fleet.all()).unwrap();
    let blinded = oprf::blind(b"right", &mut OsRng).unwrap();
    let mut answers = fleet.answers(&theirs, &[1, 2], &blinded.alpha());
    answers.extend(fleet.answers(&ours, &[3, 4, 5], &blinded.alpha()));
    let opened = recover(&fleet.bundle, &ours.record, &blinded, &answers).unwrap();
    assert_eq!(opened.vault_key, ours.vault_key);
    assert_eq!(opened.liars, [1, 2].map(SiteIndex));
    // A whole majority of theirs opens theirs, which is not what the owner signed.
    let answers = fleet.answers(&theirs, &[1, 2, 3], &blinded.alpha());
    let refused = recover(&fleet.bundle, &ours.record, &blinded, &answers).err();
    assert_eq!(refused, Some(RecoverError::WrongCode));
}

#[test]
fn a_site_that_answers_twice_or_under_another_name_counts_once_or_not_at_all() {
    let fleet = TestFleet::new(5);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let blinded = oprf::blind(b"right", &mut OsRng).unwrap();
    let one = fleet.answer(&registered, 1, &blinded.alpha());
    let too_few = |got| Some(RecoverError::TooFewSites { got, need: 3 });
    let of = |answers: &[ShareAnswer]| {
        recover(&fleet.bundle, &registered.record, &blinded, answers).err()
    };
    assert_eq!(of(&vec![one.clone(); 40]), too_few(1));
    for unknown in [0, 6, 255] {
        let renamed = ShareAnswer { site: SiteIndex(unknown), ..one.clone() };
        assert_eq!(of(&[one.clone(), one.clone(), renamed]), too_few(1));
    }
    let mut renamed = fleet.answers(&registered, &[1, 2, 3], &blinded.alpha());
    renamed[2].site = SiteIndex(4);
    assert_eq!(of(&renamed), Some(RecoverError::WrongCode));
}

#[test]
fn a_record_of_another_version_account_or_fleet_does_not_open() {
    let fleet = TestFleet::new(3);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let blinded = oprf::blind(b"right", &mut OsRng).unwrap();
    let answers = fleet.answers(&registered, &[1, 2], &blinded.alpha());
    let record = registered.record;
    let mut others = [record; 3];
    others[0].version += 1;
    others[1].claim.nonce[0] ^= 1;
    others[2].keys.0[0] ^= 1;
    for other in others {
        let refused = recover(&fleet.bundle, &other, &blinded, &answers).err();
        assert_eq!(refused, Some(RecoverError::WrongCode));
    }
}

#[test]
fn a_site_that_was_away_at_registration_has_no_box_and_the_record_says_so() {
    let fleet = TestFleet::new(5);
    let registered = fleet.register(b"right", &[1, 2, 4]).unwrap();
    let boxes = &registered.sealed.boxes;
    assert_eq!(boxes.iter().map(|b| b.site.0).collect::<Vec<_>>(), [1, 2, 4]);
    assert_eq!(registered.record.boxes, boxes_digest(boxes));
    assert_eq!(registered.record.access, registered.sealed.access.commitment());
    let opened = try_code(&fleet, &registered, b"right", &[1, 2, 4]).unwrap();
    assert_eq!(opened.vault_key, registered.vault_key);
}

#[test]
fn what_is_rebuilt_has_the_tag_of_every_site() {
    let fleet = TestFleet::new(5);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let opened = try_code(&fleet, &registered, b"right", &[1, 2, 4]).unwrap();
    let record = &registered.record;
    for (sealed, (site, tag)) in registered.sealed.boxes.iter().zip(&opened.tags) {
        assert_eq!(sealed.site, *site);
        let info = box_info(&record.keys, &record.account(), 1, *site, sealed.serial);
        let key = &fleet.site(site.0).seal;
        let contents = sealing::open_box(&sealed.sealed, &info, key).unwrap();
        assert_eq!(contents.tag, **tag, "site {site}");
    }
}

#[test]
fn fewer_than_a_majority_at_registration_is_refused() {
    let fleet = TestFleet::new(5);
    // The same site twice, and one that the fleet has not, are nobody.
    for up in [&[1, 2][..], &[1, 2, 2, 1], &[]] {
        let refused = fleet.register(b"right", up).err();
        let got = up.len().min(2);
        assert_eq!(refused, Some(RegistrationError::TooFewSites { got, need: 3 }), "{up:?}");
    }
    let blinded = oprf::blind(b"right", &mut OsRng).unwrap();
    let betas: Vec<_> =
        [1, 2, 6].map(|site| (SiteIndex(site), fleet.sites[0].oprf.public())).into();
    let registration = support::fleet::registration(&fleet.bundle);
    let refused = registration.seal(&blinded, &betas, &mut OsRng).err();
    assert_eq!(refused, Some(RegistrationError::TooFewSites { got: 2, need: 3 }));
}

#[test]
fn a_site_alone_sees_nothing_that_depends_on_the_code() {
    let fleet = TestFleet::new(5);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let right = oprf::blind(b"right", &mut OsRng).unwrap();
    let wrong = oprf::blind(b"wrong", &mut OsRng).unwrap();
    let share = |alpha| fleet.answer(&registered, 1, &alpha).masked_share;
    assert_eq!(share(right.alpha()), share(wrong.alpha()));
}

#[test]
fn every_registration_is_of_another_secret() {
    let fleet = TestFleet::new(3);
    let one = fleet.register(b"right", &fleet.all()).unwrap();
    let two = fleet.register(b"right", &fleet.all()).unwrap();
    assert_ne!(one.vault_key, two.vault_key);
    assert_ne!(one.record.commitment, two.record.commitment);
    assert_ne!(one.sealed.access.salt, two.sealed.access.salt);
}
