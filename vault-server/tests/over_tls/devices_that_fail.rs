//! A device that is away, or hangs.

use crate::support::{Fleet, Person, code};
use std::sync::atomic::Ordering;
use vault_protocol::{CodeOrigin, Refusal, Request};

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_device_is_said_to_hang_and_holds_up_nobody_else() {
    let fleet = Fleet::start(3).await;
    let person = Person::new(CodeOrigin::Own);
    person.register(&fleet, 1, &code("right")).await;
    let mut open = fleet.http.open(3).await.unwrap();
    fleet.device(3).hang(true);
    person.recover(&fleet, &code("right"), 1, &[1, 2]).await;
    let account = person.account();
    let point = recovery_crypto::oprf::blind(b"x", &mut rand_core::OsRng).unwrap().alpha();
    let request = Request::EvaluateForRegistration { account, alpha: point, check: point };
    let refused = open.try_ask(&request).await.unwrap();
    let Err(Refusal::Unavailable { reason }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("no answer within"), "{reason}");
    fleet.until(3, |health| health["serving"] == false).await;
    let health = fleet.health(3).await;
    assert_eq!(health["device"]["answers"], false);
    assert!(health["reason"].as_str().unwrap().contains("device"), "{health}");
    fleet.device(3).hang(false);
    fleet.until_serving(3).await;
    assert!(fleet.http.open(3).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_away_in_the_middle_of_a_try_costs_no_try() {
    let fleet = Fleet::start(3).await;
    let person = Person::new(CodeOrigin::Own);
    person.register(&fleet, 1, &code("right")).await;
    let blinded = recovery_crypto::oprf::blind(&code("right"), &mut rand_core::OsRng).unwrap();
    let voted = person.certify(&fleet, 1, &blinded, &[1, 2]).await;
    let voted = voted.unwrap_or_else(|e| panic!("{e:?}"));
    let mut session = fleet.http.open(1).await.unwrap();
    fleet.device(1).away.store(true, Ordering::Relaxed);
    let request = Request::Evaluate {
        certificate: voted.certificate.clone(),
        alpha: voted.alpha,
        news: voted.news.clone(),
    };
    let refused = session.try_ask(&request).await.unwrap();
    assert!(matches!(refused, Err(Refusal::Unavailable { .. })), "{refused:?}");
    fleet.device(1).away.store(false, Ordering::Relaxed);
    assert!(person.open(&fleet, &voted, &blinded, &[1, 2]).await.is_ok());
}
