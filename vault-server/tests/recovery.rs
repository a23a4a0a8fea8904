//! Register, recover, confirm: at three and at five sites, with a minority away.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Fleet, Person};
use vault_protocol::{Answer, Refusal};

async fn a_recovery(n: u8) {
    let fleet = Fleet::start(n).await;
    let (transport, bundle) = (&fleet.transport, &fleet.bundle);
    let person = Person::new();
    let key = person.register(transport, bundle, 1, "right code").await.unwrap();

    let wrong = person.blind("wrong code");
    assert!(person.recover(transport, bundle, 1, &wrong).await.is_err());
    let right = person.blind("right code");
    let opened = person.recover(transport, bundle, 1, &right).await.unwrap();
    assert_eq!(opened.vault_key.expose(), &key[..]);
    let Ok(Answer::Status(status)) = person.status(transport, 1).await else { panic!("no status") };
    assert_eq!(status.tries_left, 8);

    let confirmed = person.confirm(transport, 1, &right, &opened, 0).await;
    assert_eq!(confirmed.last(), Some(&Ok(Answer::Confirmed { complete: true })));
    let Ok(Answer::Status(status)) = person.status(transport, n).await else { panic!("no status") };
    assert_eq!(status.tries_left, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_sites_give_the_key_back() {
    a_recovery(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_sites_give_the_key_back() {
    a_recovery(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minority_may_be_down() {
    let mut fleet = Fleet::start(3).await;
    let person = Person::new();
    let bundle = fleet.bundle.clone();
    let transport = fleet.transport.clone();
    let key = person.register(&transport, &bundle, 1, "code").await.unwrap();
    fleet.stop(fleet.leader().await).await;
    fleet.leader().await;
    let right = person.blind("code");
    let opened = person.recover(&transport, &bundle, 1, &right).await.unwrap();
    assert_eq!(opened.vault_key.expose(), &key[..]);
    let confirmed = person.confirm(&transport, 1, &right, &opened, 0).await;
    assert!(confirmed.contains(&Ok(Answer::Confirmed { complete: true })));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_majority_a_site_says_so_and_evaluates_nothing() {
    let mut fleet = Fleet::start(3).await;
    let person = Person::new();
    person.register(&fleet.transport.clone(), &fleet.bundle.clone(), 1, "code").await.unwrap();
    fleet.stop(1).await;
    fleet.stop(2).await;
    let before = fleet.devices[2].oprf_calls.load(std::sync::atomic::Ordering::Relaxed);
    let answer = fleet.transport.ask(3, person.guess(1, &person.blind("code"))).await;
    assert!(matches!(answer, Err(Refusal::Unavailable { .. })), "{answer:?}");
    let after = fleet.devices[2].oprf_calls.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_was_down_finds_its_box_when_it_returns() {
    let mut fleet = Fleet::start(3).await;
    let (transport, bundle) = (fleet.transport.clone(), fleet.bundle.clone());
    let person = Person::new();
    person.register(&transport, &bundle, 1, "code").await.unwrap();
    fleet.stop(2).await;
    person.remove(&transport, &bundle, 1).await.unwrap();
    fleet.restart(2).await.unwrap();
    loop {
        match person.status(&transport, 2).await {
            Ok(Answer::Status(status)) if status.destroyed => break,
            _ => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    }
}
