//! The device's log shows what a site's disk or its operator would hide.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Fleet, Person, copy};
use vault_protocol::{AuditCounts, Refusal};
use vault_server::node::NodeError;

async fn health(fleet: &Fleet, site: u8) -> serde_json::Value {
    serde_json::from_slice(&fleet.transport.get(site, "/v1/health").await.bytes().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_was_set_back_is_not_served() {
    let mut fleet = Fleet::start(3).await;
    let person = Person::new();
    person.register(&fleet.transport.clone(), &fleet.bundle.clone(), 1, "code").await.unwrap();
    fleet.stop(2).await;
    let snapshot = tempfile::tempdir().unwrap();
    copy(&fleet.state_dir(2), snapshot.path());
    fleet.restart(2).await.unwrap();
    let guess = person.blind("wrong");
    while fleet.transport.ask(2, person.guess(1, &guess)).await.is_err() {}
    fleet.stop(2).await;
    std::fs::remove_dir_all(fleet.state_dir(2)).unwrap();
    copy(snapshot.path(), &fleet.state_dir(2));

    fleet.restart(2).await.unwrap();
    let report = health(&fleet, 2).await;
    assert_eq!(report["serving"], false);
    assert!(report["reason"].as_str().unwrap().contains("another history"), "{report}");
    assert_eq!(fleet.transport.open(2).await.err(), Some(503));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_login_stops_the_site() {
    let fleet = Fleet::start(3).await;
    let person = Person::new();
    fleet.devices[0].misuse(0x0001);
    assert!(fleet.site(1).ledger.drain().await.is_err());
    let mut refused = fleet.transport.ask(1, person.guess(1, &person.blind("x"))).await;
    if let Err(Refusal::Unavailable { reason }) = &mut refused {
        assert!(reason.contains("503"), "{reason}");
    } else {
        panic!("{refused:?}");
    }
    assert!(health(&fleet, 1).await["reason"].as_str().unwrap().contains("0x0001"));
}

#[tokio::test(flavor = "multi_thread")]
async fn published_counts_match_and_show_a_surplus() {
    let fleet = Fleet::start(3).await;
    let (transport, bundle) = (&fleet.transport, &fleet.bundle);
    let person = Person::new();
    person.register(transport, bundle, 1, "code").await.unwrap();
    person.recover(transport, bundle, 1, &person.blind("code")).await.unwrap();
    assert_eq!(counts(&fleet).await.surplus(), 0);
    let honest = counts(&fleet).await;
    assert_eq!((honest.tries, honest.registration_evaluations, honest.oprf_entries), (1, 1, 4));

    // The operational login, used behind the server's back.
    fleet.devices[0].misuse(0x0201);
    fleet.devices[0].misuse(0x0201);
    assert_eq!(counts(&fleet).await.surplus(), 2);
}

/// Counts of site 1, made now, with their signature checked.
async fn counts(fleet: &Fleet) -> AuditCounts {
    use p256::ecdsa::signature::Verifier;
    let site = fleet.site(1);
    site.ledger.drain().await.unwrap();
    let subject =
        vault_server::audit::Subject { site: site.index, bundle: site.bundle_id, serial: site.identity.serial };
    let totals = site.cluster.reader().totals().await.unwrap();
    let made =
        vault_server::audit::PublishedCounts::make(subject, &site.local, &totals, &site.device, 1).await.unwrap();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&fleet.devices[0].in_bundle().receipt_key.0).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&made.signature.0).unwrap();
    key.verify(&vault_protocol::audit_counts_message(&made.counts), &signature).unwrap();
    made.counts
}

#[tokio::test(flavor = "multi_thread")]
async fn more_work_than_the_log_holds_is_drained_on_the_way() {
    let fleet = Fleet::start(3).await;
    // A session is one entry: well over 62 in all.
    for _ in 0..80 {
        fleet.transport.open(1).await.unwrap();
    }
    let page = fleet.transport.get(1, "/v1/audit/log?from=2").await.bytes().await.unwrap();
    let page: serde_json::Value = serde_json::from_slice(&page).unwrap();
    assert!(page["entries"].as_array().unwrap().len() >= 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_never_finds_the_log_full() {
    let fleet = Fleet::start(3).await;
    let person = Person::new();
    person.register(&fleet.transport, &fleet.bundle, 1, "code").await.unwrap();
    let guess = person.blind("wrong");
    let burst = (0..100).map(|_| fleet.transport.open(1));
    let (opened, answer) =
        futures::join!(futures::future::join_all(burst), fleet.transport.ask(1, person.guess(1, &guess)));
    assert!(opened.iter().all(Result::is_ok));
    answer.unwrap();
    assert_eq!(fleet.devices[0].refused_full.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(counts(&fleet).await.surplus(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_that_ran_into_a_full_log_is_a_counted_repeat() {
    let fleet = Fleet::start(3).await;
    let person = Person::new();
    person.register(&fleet.transport, &fleet.bundle, 1, "code").await.unwrap();
    let guess = person.blind("code");
    let mut session = fleet.transport.open(1).await.unwrap();
    fleet.site(1).ledger.drain().await.unwrap();
    // Room for the box and one of the evaluation's two entries.
    fleet.devices[0].fill_log(2);
    session.ask(&person.guess(1, &guess)).await.unwrap().unwrap();
    let counts = counts(&fleet).await;
    assert_eq!((counts.oprf_entries, counts.repeats, counts.surplus()), (2 + 3, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_state_directory_is_refused_later() {
    let mut fleet = Fleet::start(3).await;
    fleet.stop(3).await;
    std::fs::remove_dir_all(fleet.state_dir(3)).unwrap();
    let refused = fleet.restart(3).await;
    assert!(matches!(refused, Err(NodeError::StateDir(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_other_keys_is_refused() {
    let mut fleet = Fleet::start(3).await;
    fleet.stop(3).await;
    fleet.swap_device(3, std::sync::Arc::new(support::SoftwareDevice::new(1003, &[7; 32])));
    assert!(matches!(fleet.restart(3).await, Err(NodeError::Device(_))));
}
