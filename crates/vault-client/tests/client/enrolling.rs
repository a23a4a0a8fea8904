//! Registering a code, and replacing it.

use super::support::*;
use std::sync::Arc;
use std::time::Duration;
use vault_client::{Lie, VaultError};
use vault_protocol::{Answer, CodeOrigin, Request};
use vault_simulation::dice::Dice;
use vault_simulation::tricks::{FalseShares, scripted};

fn newcomer(name: &str) -> Person {
    Person::new(name, CodeOrigin::Generated, &Dice::new(7, name))
}

#[tokio::test(start_paused = true)]
async fn every_site_gets_a_box_and_acknowledges() {
    let fleet = Fleet::start(Plan::fair(2)).await;
    let client = fleet.client(1);
    let mut bea = newcomer("bea");
    let enrolled = bea.enroll(&client, 1).await.unwrap();
    assert_eq!(enrolled.boxes, fleet.sites().collect());
    assert!(enrolled.carried.spread.is_everywhere() && enrolled.carried.errand.is_none());
    assert_eq!(bea.recover(&client).await.unwrap().vault_key, enrolled.vault_key);
}

#[tokio::test(start_paused = true)]
async fn three_sites_are_enough_and_the_others_hear_of_it() {
    let fleet = Fleet::start(Plan::fair(2)).await;
    let client = fleet.client(1);
    fleet.kill_site(site(4));
    fleet.hang(site(5), true);
    let mut bea = newcomer("bea");
    let (enrolled, took) = timed(bea.enroll(&client, 1)).await;
    let enrolled = enrolled.unwrap();
    assert!(took < Duration::from_secs(5), "a hung site costs no more than a moment: {took:?}");
    assert_eq!(enrolled.boxes, sites(&[1, 2, 3]));
    assert!(enrolled.carried.spread.is_stored() && !enrolled.carried.spread.is_everywhere());
    assert_eq!(bea.errands.len(), 1);
    fleet.start_site(site(4)).await;
    fleet.hang(site(5), false);
    settle().await;
    bea.carry(&client).await;
    assert!(bea.errands.is_empty());
    for i in fleet.sites() {
        let stored = fleet.stored(i, bea.account()).await.unwrap();
        assert_eq!(stored.facts.record().unwrap().record.version, 1);
    }
    assert_eq!(bea.recover(&client).await.unwrap().vault_key, enrolled.vault_key);
}

#[tokio::test(start_paused = true)]
async fn a_hung_device_does_not_hold_an_enrolment_up() {
    let fleet = Fleet::start(Plan::fair(2)).await;
    let client = fleet.client(1);
    fleet.device(site(2)).hang(true);
    let (enrolled, took) = timed(newcomer("bea").enroll(&client, 1)).await;
    assert_eq!(enrolled.unwrap().boxes, sites(&[1, 3, 4, 5]));
    assert!(took < Duration::from_secs(6), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn two_sites_are_too_few() {
    let fleet = Fleet::start(Plan::fair(2)).await;
    let client = fleet.client(1);
    (3..=5).for_each(|i| fleet.kill_site(site(i)));
    let mut bea = newcomer("bea");
    let refused = bea.enroll(&client, 1).await;
    assert!(matches!(refused, Err(VaultError::TooFewSites(_))), "{refused:?}");
    assert_eq!(fleet.stored(site(1), bea.account()).await, None, "nothing was stored anywhere");
}

#[tokio::test(start_paused = true)]
async fn an_evaluation_with_another_key_is_found_before_a_code_rests_on_it() {
    let fleet = Fleet::start(Plan::fair(2)).await;
    let client = fleet.client(1);
    for i in [1, 2] {
        fleet.corrupt(site(i), Some(Arc::new(FalseShares))).await;
    }
    let mut bea = newcomer("bea");
    let enrolled = bea.enroll(&client, 1).await.unwrap();
    assert_eq!(enrolled.boxes, sites(&[3, 4, 5]));
    for liar in [1, 2] {
        assert!(enrolled.carried.notes.liars[&site(liar)].contains(&Lie::WrongEvaluation));
    }
    assert_eq!(enrolled.carried.notes.liars.len(), 2);
    assert_eq!(bea.recover(&client).await.unwrap().vault_key, enrolled.vault_key);
}

#[tokio::test(start_paused = true)]
async fn a_new_code_replaces_the_old_one_and_keeps_the_count() {
    let mut world = World::with(CodeOrigin::Own).await;
    world.guess_wrong(2).await;
    let before = world.ada.clone();
    let enrolled = world.ada.enroll(&world.client, 2).await.unwrap();
    assert!(enrolled.carried.spread.holds_despite(2));
    assert_ne!(enrolled.vault_key, world.key);
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.next_slot(), 3, "a new version gives no tries back");
    let refused = before.try_code(&world.client, &before.code).await;
    assert!(matches!(refused, Err(VaultError::OldCode { current: 2 })), "{refused:?}");
    let recovered = world.ada.recover(&world.client).await.unwrap();
    assert_eq!(recovered.vault_key, enrolled.vault_key);
}

#[tokio::test(start_paused = true)]
async fn an_old_version_is_not_registered_again() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.ada.enroll(&world.client, 2).await.unwrap();
    let refused = world.ada.enroll(&world.client, 1).await;
    assert!(matches!(refused, Err(VaultError::OldCode { current: 2 })), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn two_computers_that_replace_at_once_end_with_one_code() {
    let world = World::with(CodeOrigin::Generated).await;
    let (mut here, mut there) = (world.ada.clone(), world.ada.clone());
    there.secret = [9; 32];
    let another = world.fleet.client(2);
    let (one, two) = tokio::join!(here.enroll(&world.client, 2), there.enroll(&another, 2));
    settle().await;
    let stored = |outcome: &Result<_, VaultError>| outcome.is_ok();
    assert!(stored(&one) || stored(&two), "{one:?} {two:?}");
    let one_works = here.try_code(&world.client, &here.code).await.is_ok();
    let two_works = there.try_code(&world.client, &there.code).await.is_ok();
    assert!(one_works ^ two_works, "exactly one is in force: {one_works} {two_works}");
}

#[tokio::test(start_paused = true)]
async fn six_people_at_once_all_get_through() {
    let fleet = Fleet::start(Plan::fair(3)).await;
    for i in fleet.sites() {
        fleet.device(i).set_latency(13);
    }
    let people = (1..=6).map(|i| {
        let client = fleet.client(i);
        async move {
            let mut person = newcomer(&format!("person {i}"));
            let enrolled = person.enroll(&client, 1).await.unwrap();
            let recovered = person.recover(&client).await.unwrap();
            assert_eq!(recovered.vault_key, enrolled.vault_key);
        }
    });
    let (_, took) = timed(futures::future::join_all(people)).await;
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_family_behind_one_address_waits_and_gets_through() {
    let fleet = Fleet::start(Plan::fair(3)).await;
    let people = (1..=9).map(|i| {
        let client = fleet.client(1);
        async move {
            let mut person = newcomer(&format!("person {i}"));
            person.enroll(&client, 1).await.map(|enrolled| enrolled.boxes.len())
        }
    });
    let outcomes = futures::future::join_all(people).await;
    for outcome in outcomes {
        assert_eq!(outcome.unwrap(), 5, "the address' allowance was waited for");
    }
}

#[tokio::test(start_paused = true)]
async fn what_fewer_than_t_sites_stored_is_in_doubt() {
    let fleet = Fleet::start(Plan::fair(2)).await;
    let client = fleet.client(1);
    let silent = scripted(|_, request, honest| match request {
        Request::Register { .. } => None,
        _ => Some(honest),
    });
    for i in [1, 2, 3] {
        fleet.corrupt(site(i), Some(silent.clone())).await;
    }
    let refused = newcomer("bea").enroll(&client, 1).await;
    let Err(VaultError::NotStored(carried)) = refused else { panic!("{refused:?}") };
    assert_eq!(carried.spread.acknowledged(), &sites(&[4, 5]));
    assert!(carried.errand.is_some(), "whoever keeps the key may keep at it");
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_of_another_record_do_not_count() {
    let fleet = Fleet::start(Plan::fair(2)).await;
    let client = fleet.client(1);
    let wrong = scripted(|site, request, honest| match (request, honest) {
        (Request::Register { record, .. }, Ok(Answer::Acknowledged { certificates, .. })) => {
            let version = record.signed.record.version;
            let subject = vault_protocol::Subject::Record { version, digest: [1; 32] };
            let account = record.signed.record.account();
            let of = vault_protocol::StatementOf::Acknowledgement { account, subject: &subject };
            let word = vault_protocol::Acknowledgement { subject, statement: site.signs(&of) };
            Some(Ok(Answer::Acknowledged { words: vec![word], certificates }))
        }
        (_, honest) => Some(honest),
    });
    for i in [1, 2, 3] {
        fleet.corrupt(site(i), Some(wrong.clone())).await;
    }
    let refused = newcomer("bea").enroll(&client, 1).await;
    let Err(VaultError::NotStored(carried)) = refused else { panic!("{refused:?}") };
    assert_eq!(carried.spread.acknowledged(), &sites(&[4, 5]));
}
