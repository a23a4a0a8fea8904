//! The device's log shows what a site's disk or its operator would hide.

use crate::support::{Fleet, Person, SoftwareDevice, code, copy};
use rand_core::OsRng;
use recovery_crypto::oprf::blind;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use vault_protocol::{AuditCounts, CodeOrigin};
use vault_server::audit::count;
use vault_server::node::NodeError;

async fn registered(fleet: &Fleet) -> Person {
    let person = Person::new(CodeOrigin::Own);
    let stored = person.register(fleet, 1, &code("right")).await;
    assert!(stored.iter().all(Result::is_ok), "{stored:?}");
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_was_set_back_is_not_served() {
    let mut fleet = Fleet::start(3).await;
    let person = registered(&fleet).await;
    fleet.stop(2).await;
    let before = tempfile::tempdir().unwrap();
    copy(&fleet.state_dir(2), before.path());
    fleet.restart(2).await.unwrap();
    person.recover(&fleet, &code("right"), 1, &[1, 2]).await;
    fleet.stop(2).await;
    std::fs::remove_dir_all(fleet.state_dir(2)).unwrap();
    copy(before.path(), &fleet.state_dir(2));
    fleet.restart(2).await.unwrap();
    let health = fleet.health(2).await;
    assert_eq!(health["serving"], false);
    assert!(health["reason"].as_str().unwrap().contains("another history"), "{health}");
    assert_eq!(fleet.http.open(2).await.err(), Some(503));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_lost_its_disk_is_told_from_a_new_one() {
    let mut fleet = Fleet::start(3).await;
    registered(&fleet).await;
    fleet.stop(3).await;
    std::fs::remove_dir_all(fleet.state_dir(3)).unwrap();
    fleet.restart(3).await.unwrap();
    let health = fleet.health(3).await;
    assert_eq!(health["serving"], false);
    assert!(health["reason"].as_str().unwrap().contains("another history"), "{health}");
    // Also without the beginning of the log in the configuration.
    fleet.stop(3).await;
    std::fs::remove_dir_all(fleet.state_dir(3)).unwrap();
    let mut config = fleet.config(3);
    config.as_object_mut().unwrap().remove("log_anchor");
    fleet.write_config(3, &config);
    let refused = fleet.restart(3).await;
    assert!(matches!(refused, Err(NodeError::StateDir(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_other_keys_is_refused() {
    let mut fleet = Fleet::start(3).await;
    fleet.stop(3).await;
    let refused = fleet.restart_on(3, Arc::new(SoftwareDevice::new(1003, &[7; 32]))).await;
    assert!(matches!(refused, Err(NodeError::Device(_))), "{refused:?}");
    fleet.restart(3).await.unwrap();
    fleet.until_serving(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_login_stops_the_site_while_it_runs() {
    let fleet = Fleet::start(3).await;
    fleet.device(1).misuse(0x0001);
    assert!(fleet.api(1).ledger.drain().await.is_err());
    assert_eq!(fleet.http.open(1).await.err(), Some(503));
    let health = fleet.health(1).await;
    assert!(health["reason"].as_str().unwrap().contains("0x0001"), "{health}");
}

async fn counts(fleet: &Fleet) -> AuditCounts {
    let api = fleet.api(1);
    api.ledger.drain().await.unwrap();
    let subject = vault_server::audit::Subject {
        site: api.site.index(),
        bundle: fleet.bundle.id(),
        serial: 1001,
    };
    count(subject, api.site.store(), 1).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_fit_and_show_a_surplus() {
    let fleet = Fleet::start(3).await;
    let person = registered(&fleet).await;
    person.recover(&fleet, &code("right"), 1, &[1, 2]).await;
    let honest = counts(&fleet).await;
    let figures = (honest.evaluated, honest.registration_evaluations, honest.oprf_entries);
    assert_eq!((figures, honest.surplus()), ((1, 2, 6), 0));
    // The operational login, used behind the site's back.
    fleet.device(1).misuse(0x0201);
    fleet.device(1).misuse(0x0201);
    assert_eq!(counts(&fleet).await.surplus(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_never_finds_the_log_full() {
    let fleet = Fleet::start_with(3, |_, config| {
        config["proxy"] = serde_json::json!({"kind": "forwarded", "trusted": ["127.0.0.1/32"]});
    })
    .await;
    let person = registered(&fleet).await;
    let burst = async {
        let mut opened = vec![];
        for n in 0..10 {
            let http = fleet.http.named_by_a_proxy(&format!("10.0.0.{n}"));
            opened.extend(futures::future::join_all((0..10).map(|_| http.open(1))).await);
        }
        opened
    };
    let recovery = async {
        person.recover(&fleet, &code("right"), 1, &[1, 2]).await;
    };
    let (opened, ()) = tokio::join!(burst, recovery);
    assert!(opened.iter().all(Result::is_ok));
    assert_eq!(fleet.device(1).refused_full.load(Ordering::Relaxed), 0);
    assert_eq!(counts(&fleet).await.surplus(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_that_ran_into_a_full_log_is_a_counted_repeat() {
    let fleet = Fleet::start(3).await;
    let person = registered(&fleet).await;
    let blinded = blind(&code("right"), &mut OsRng).unwrap();
    let voted = person.certify(&fleet, 1, &blinded, &[1, 2]).await;
    let voted = voted.unwrap_or_else(|e| panic!("{e:?}"));
    let mut session = fleet.http.open(1).await.unwrap();
    fleet.api(1).ledger.drain().await.unwrap();
    // Room for the box and one of the evaluation's two entries.
    fleet.device(1).fill_log(2);
    let request = vault_protocol::Request::Evaluate {
        certificate: voted.certificate.clone(),
        alpha: voted.alpha,
        news: voted.news.clone(),
    };
    session.try_ask(&request).await.unwrap().unwrap();
    let counts = counts(&fleet).await;
    // Four of the registration, and three of an evaluation that was begun again.
    assert_eq!((counts.oprf_entries, counts.repeats, counts.surplus()), (4 + 3, 1, 0));
}
