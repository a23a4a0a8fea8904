//! The limit holds: at the end, under concurrency, across a leader change, after new registrations, and when consensus
//! itself is set back. Three tries instead of ten, because from the fifth on a person has to wait.
#![allow(clippy::unwrap_used)]

mod support;

use recovery_crypto::oprf::Blinded;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use support::{Fleet, Person, copy};
use vault_protocol::{Answer, Policy, Refusal, Response};

const THREE: Policy = Policy { max_tries: 3 };

async fn fleet_and_person() -> (Fleet, Person) {
    let fleet = Fleet::start(3).await;
    let person = Person::new();
    person.register_with(&fleet.transport, &fleet.bundle, 1, "code", THREE).await.unwrap();
    (fleet, person)
}

async fn ask(fleet: &Fleet, person: &Person, version: u32, site: u8, guess: &Blinded) -> Response {
    fleet.transport.ask(site, person.guess(version, guess)).await
}

fn tries_left(answer: &Response) -> Option<u8> {
    match answer {
        Ok(Answer::Share { tries_left, .. }) => Some(*tries_left),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tries_end_in_destruction_and_the_right_code_comes_too_late() {
    let (fleet, person) = fleet_and_person().await;
    for left in [2, 1, 0] {
        assert_eq!(tries_left(&ask(&fleet, &person, 1, 1, &person.blind("wrong")).await), Some(left));
    }
    for site in [1, 2, 3] {
        let answer = ask(&fleet, &person, 1, site, &person.blind("code")).await;
        assert_eq!(answer, Err(Refusal::Destroyed));
    }
    let again = person.register_with(&fleet.transport, &fleet.bundle, 2, "code", THREE).await;
    assert!(again.is_err(), "a destroyed account was registered again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_gives_no_tries_back() {
    let (fleet, person) = fleet_and_person().await;
    ask(&fleet, &person, 1, 1, &person.blind("wrong")).await.unwrap();
    ask(&fleet, &person, 1, 2, &person.blind("wrong")).await.unwrap();
    person.register_with(&fleet.transport, &fleet.bundle, 2, "new code", THREE).await.unwrap();
    assert_eq!(tries_left(&ask(&fleet, &person, 2, 3, &person.blind("wrong")).await), Some(0));
    assert_eq!(ask(&fleet, &person, 2, 3, &person.blind("wrong")).await, Err(Refusal::Destroyed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_of_the_same_try_costs_nothing_and_no_device_work() {
    let (fleet, person) = fleet_and_person().await;
    let guess = person.blind("code");
    let first = ask(&fleet, &person, 1, 1, &guess).await;
    let calls = || fleet.devices[0].oprf_calls.load(Relaxed);
    let before = calls();
    assert_eq!(ask(&fleet, &person, 1, 1, &guess).await, first);
    assert_eq!(calls(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_tries_at_all_sites_are_three_in_all_even_when_the_leader_stops() {
    let (mut fleet, person) = fleet_and_person().await;
    let guesses: Vec<_> = (0..12).map(|_| person.blind("wrong")).collect();
    let leader = fleet.leader().await;
    let (transport, person) = (fleet.transport.clone(), &person);
    let asked = guesses.iter().enumerate().flat_map(|(i, guess)| {
        let transport = &transport;
        (1..=3).map(move |site| async move { (i, transport.ask(site, person.guess(1, guess)).await) })
    });
    let (answers, ()) = futures::join!(futures::future::join_all(asked), fleet.stop(leader));
    let evaluated: BTreeSet<_> = answers.iter().filter(|(_, a)| a.is_ok()).map(|(i, _)| *i).collect();
    // Possibly none: the fourth try destroys the boxes under those that were reserved before it.
    assert!(evaluated.len() <= 3, "{} different guesses were evaluated", evaluated.len());
    let survivor = fleet.site(leader % 3 + 1);
    assert_eq!(survivor.cluster.reader().totals().await.unwrap().tries, 3);
    for device in &fleet.devices {
        // Two for the registration, two for each of at most three guesses.
        assert!(device.oprf_calls.load(Relaxed) <= 2 + 2 * 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sites_own_count_holds_when_consensus_is_set_back() {
    let (mut fleet, person) = fleet_and_person().await;
    let backup = tempfile::tempdir().unwrap();
    for site in [1, 2, 3] {
        fleet.stop(site).await;
        copy(&fleet.state_dir(site), &backup.path().join(site.to_string()));
    }
    for site in [1, 2, 3] {
        fleet.restart(site).await.unwrap();
    }
    fleet.leader().await;
    for _ in 0..3 {
        let guess = person.blind("wrong");
        for site in [1, 2, 3] {
            ask(&fleet, &person, 1, site, &guess).await.unwrap();
        }
    }
    // Every operator restores consensus, but not the site's own file: the fleet believes that three tries are left.
    for site in [1, 2, 3] {
        fleet.stop(site).await;
        for file in ["consensus.sqlite", "consensus.sqlite-wal", "consensus.sqlite-shm"] {
            let _ = std::fs::remove_file(fleet.state_dir(site).join(file));
            let _ = std::fs::copy(backup.path().join(site.to_string()).join(file), fleet.state_dir(site).join(file));
        }
    }
    for site in [1, 2, 3] {
        fleet.restart(site).await.unwrap();
    }
    fleet.leader().await;
    let Ok(Answer::Status(status)) = person.status(&fleet.transport, 1).await else { panic!("no status") };
    assert_eq!(status.tries_left, 3);
    for site in [1, 2, 3] {
        let answer = ask(&fleet, &person, 1, site, &person.blind("code")).await;
        let Err(Refusal::Unavailable { reason }) = answer else { panic!("{answer:?}") };
        assert!(reason.contains("all the tries"), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_tag_gives_no_receipt() {
    let (fleet, person) = fleet_and_person().await;
    let guess = person.blind("wrong");
    let try_id = person.try_id(1, &guess);
    let confirm = vault_protocol::Request::Confirm { account: person.account, version: 1, try_id, proof: [0; 32] };
    assert_eq!(fleet.transport.ask(1, confirm.clone()).await, Err(Refusal::UnknownTry));
    ask(&fleet, &person, 1, 1, &guess).await.unwrap();
    assert_eq!(fleet.transport.ask(1, confirm).await, Err(Refusal::WrongTag));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_an_older_round_resets_nothing() {
    let (fleet, person) = fleet_and_person().await;
    let (transport, bundle) = (&fleet.transport, &fleet.bundle);
    let first = person.blind("code");
    let opened = person.recover(transport, bundle, 1, &first).await.unwrap();
    person.confirm(transport, 1, &first, &opened, 0).await;
    // Another recovery, so that the first try is not the last confirmed one any more; then it is reserved again.
    let second = person.blind("code");
    let opened_again = person.recover(transport, bundle, 1, &second).await.unwrap();
    person.confirm(transport, 1, &second, &opened_again, 1).await;
    for (_, answer) in person.ask_all(transport, bundle, person.guess(1, &first)).await {
        let Ok(Answer::Share { round, tries_left, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!((round, tries_left), (2, 2));
    }
    for replayed in [0, 1] {
        let answers = person.confirm(transport, 1, &first, &opened, replayed).await;
        assert!(answers.iter().all(|a| *a == Err(Refusal::WrongTag)), "{answers:?}");
    }
    let answers = person.confirm(transport, 1, &first, &opened, 2).await;
    assert!(answers.contains(&Ok(Answer::Confirmed { complete: true })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_without_the_account_id_burns_nothing() {
    let (fleet, person) = fleet_and_person().await;
    let stranger = Person::new();
    for site in [1, 2, 3] {
        let answer = ask(&fleet, &stranger, 1, site, &stranger.blind("wrong")).await;
        assert_eq!(answer, Err(Refusal::NoSuchAccount));
    }
    let Ok(Answer::Status(status)) = person.status(&fleet.transport, 1).await else { panic!("no status") };
    assert_eq!(status.tries_left, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_point_costs_no_try() {
    let (fleet, person) = fleet_and_person().await;
    let alpha = vault_protocol::Point([4; 65]);
    let request = vault_protocol::Request::Evaluate { account: person.account, version: 1, alpha };
    assert_eq!(fleet.transport.ask(1, request).await, Err(Refusal::Malformed));
    let Ok(Answer::Status(status)) = person.status(&fleet.transport, 1).await else { panic!("no status") };
    assert_eq!(status.tries_left, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_dated_in_the_future_by_a_bad_site_is_not_evaluated() {
    let (fleet, person) = fleet_and_person().await;
    let guess = person.blind("wrong");
    let at = vault_server::api::now() + 3600;
    let (account, try_id) = (person.account, person.try_id(1, &guess));
    let command = vault_state::Command::ReserveGuess { account, version: 1, try_id, at };
    fleet.site(2).cluster.propose(command).await.unwrap();
    assert_eq!(ask(&fleet, &person, 1, 1, &guess).await, Err(Refusal::TooSoon { at }));
    assert_eq!(fleet.devices[0].oprf_calls.load(Relaxed), 2, "more than the registration");
}
