//! A code goes in at registration and comes out at recovery, through n sites of which some lie.
#![allow(clippy::unwrap_used)]

#[path = "support/fleet.rs"]
mod support;

use rand_core::OsRng;
use recovery_crypto::{
    DeviceKey, RecoverError, Registration, RegistrationError, ShareAnswer, VaultKey, oprf, recover, sealing,
};
use support::{TestSite, fleet};
use vault_protocol::{AccountId, Bundle, CodeParameters, OwnerKey, Policy, Record, SiteIndex, box_info};

const ACCOUNT: AccountId = AccountId([9; 16]);

fn register(
    bundle: &Bundle,
    sites: &[TestSite],
    code: &[u8],
    up: &[u8],
) -> Result<(Record, VaultKey), RegistrationError> {
    let blinded = oprf::blind(code, &mut OsRng).unwrap();
    let evaluate =
        |i: &u8| (SiteIndex(*i), oprf::evaluate(&sites[usize::from(*i) - 1].oprf, &blinded.alpha()).unwrap());
    let registration = Registration {
        bundle,
        account: ACCOUNT,
        version: 1,
        owner: OwnerKey([0; 32]),
        parameters: CodeParameters { memory_kib: 8, passes: 1, lanes: 1 },
        policy: Policy::default(),
    };
    let betas: Vec<_> = up.iter().map(evaluate).collect();
    registration.seal(&blinded, &betas, &mut OsRng).map(|r| (r.record, r.vault_key))
}

/// What an honest site does with a try.
fn answer(
    bundle: &Bundle,
    sites: &[TestSite],
    record: &Record,
    site: u8,
    alpha: &vault_protocol::Point,
) -> ShareAnswer {
    let (index, keys) = (SiteIndex(site), &sites[usize::from(site) - 1]);
    let info = box_info(&bundle.fleet_id, bundle.epoch, &ACCOUNT, record.version, index);
    let contents = sealing::open_box(record.sealed_box(index).unwrap(), &info, &keys.seal).unwrap();
    let beta = oprf::multiply(&contents.multiplier, &oprf::evaluate(&keys.oprf, alpha).unwrap()).unwrap();
    ShareAnswer { site: index, beta, masked_share: contents.masked_share, commitment: contents.commitment }
}

fn try_code(
    bundle: &Bundle,
    sites: &[TestSite],
    record: &Record,
    code: &[u8],
    up: &[u8],
) -> Result<VaultKey, RecoverError> {
    let blinded = oprf::blind(code, &mut OsRng).unwrap();
    let answers: Vec<_> = up.iter().map(|i| answer(bundle, sites, record, *i, &blinded.alpha())).collect();
    recover(bundle, ACCOUNT, 1, &blinded, &answers).map(|o| o.vault_key)
}

#[test]
fn any_majority_brings_the_key_back() {
    for (n, majorities) in [(3, vec![vec![1, 3]]), (5, vec![vec![1, 2, 3], vec![2, 4, 5]]), (7, vec![vec![1, 3, 5, 7]])]
    {
        let (bundle, sites) = fleet(n);
        let all: Vec<u8> = (1..=n).collect();
        let (record, key) = register(&bundle, &sites, b"right", &all).unwrap();
        for up in majorities {
            assert_eq!(try_code(&bundle, &sites, &record, b"right", &up), Ok(key.clone()));
        }
    }
}

#[test]
fn a_wrong_code_and_a_minority_open_nothing() {
    let (bundle, sites) = fleet(5);
    let (record, _) = register(&bundle, &sites, b"right", &[1, 2, 3, 4, 5]).unwrap();
    assert_eq!(try_code(&bundle, &sites, &record, b"wrong", &[1, 2, 3, 4, 5]), Err(RecoverError::WrongCode));
    let too_few = RecoverError::TooFewSites { got: 2, need: 3 };
    assert_eq!(try_code(&bundle, &sites, &record, b"right", &[4, 5]), Err(too_few));
}

#[test]
fn two_lying_sites_of_five_are_worked_around_and_three_are_not() {
    let (bundle, sites) = fleet(5);
    let (record, key) = register(&bundle, &sites, b"right", &[1, 2, 3, 4, 5]).unwrap();
    let blinded = oprf::blind(b"right", &mut OsRng).unwrap();
    let mut answers: Vec<_> = (1..=5).map(|i| answer(&bundle, &sites, &record, i, &blinded.alpha())).collect();
    answers[0].masked_share[0] ^= 1;
    answers[3].beta = sites[0].oprf.public();
    let opened = recover(&bundle, ACCOUNT, 1, &blinded, &answers).unwrap();
    assert_eq!((opened.vault_key, opened.used), (key, vec![SiteIndex(2), SiteIndex(3), SiteIndex(5)]));
    answers[4].masked_share[0] ^= 1;
    assert_eq!(recover(&bundle, ACCOUNT, 1, &blinded, &answers).err(), Some(RecoverError::WrongCode));
}

#[test]
fn answers_that_do_not_agree_say_nothing_about_the_code() {
    let (bundle, sites) = fleet(5);
    let (record, _) = register(&bundle, &sites, b"right", &[1, 2, 3]).unwrap();
    let too_few = Some(RecoverError::TooFewSites { got: 2, need: 3 });
    let outage = try_code(&bundle, &sites, &record, b"right", &[1, 2, 4, 5]);
    assert_eq!(outage.err(), too_few, "a box without a share counts as silent");
    let blinded = oprf::blind(b"right", &mut OsRng).unwrap();
    let mut answers: Vec<_> = (1..=3).map(|i| answer(&bundle, &sites, &record, i, &blinded.alpha())).collect();
    answers[2].commitment[31] ^= 1;
    assert_eq!(recover(&bundle, ACCOUNT, 1, &blinded, &answers).err(), too_few, "a lie about the commitment");
}

#[test]
fn a_site_that_was_away_at_registration_still_knows_its_tag() {
    let (bundle, sites) = fleet(5);
    let (record, key) = register(&bundle, &sites, b"right", &[1, 2, 4]).unwrap();
    assert_eq!(try_code(&bundle, &sites, &record, b"right", &[1, 2, 3, 4, 5]), Ok(key));
    let info = box_info(&bundle.fleet_id, 1, &ACCOUNT, 1, SiteIndex(5));
    let contents = sealing::open_box(&record.boxes[4], &info, &sites[4].seal).unwrap();
    let blinded = oprf::blind(b"right", &mut OsRng).unwrap();
    let answers: Vec<_> = [1, 2, 4].map(|i| answer(&bundle, &sites, &record, i, &blinded.alpha())).into();
    let opened = recover(&bundle, ACCOUNT, 1, &blinded, &answers).unwrap();
    assert_eq!(contents.tag, *opened.tags[4].1);
}

#[test]
fn fewer_than_a_majority_at_registration_is_refused() {
    let (bundle, sites) = fleet(5);
    let refused = register(&bundle, &sites, b"right", &[1, 2]).err();
    assert_eq!(refused, Some(RegistrationError::TooFewSites { got: 2, need: 3 }));
}

#[test]
fn a_site_alone_sees_nothing_that_depends_on_the_code() {
    let (bundle, sites) = fleet(5);
    let (record, _) = register(&bundle, &sites, b"right", &[1, 2, 3, 4, 5]).unwrap();
    let right = oprf::blind(b"right", &mut OsRng).unwrap().alpha();
    let wrong = oprf::blind(b"wrong", &mut OsRng).unwrap().alpha();
    let (a, b) = (answer(&bundle, &sites, &record, 1, &right), answer(&bundle, &sites, &record, 1, &wrong));
    assert_eq!((a.masked_share, a.commitment), (b.masked_share, b.commitment));
}
