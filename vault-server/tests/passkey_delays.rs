//! After four answers that failed at a site there is a wait there, which ends by itself.
#![allow(clippy::unwrap_used)]

mod support;

use support::passkey::Authenticator;
use support::{Fleet, PasskeyClient};
use vault_protocol::{Answer, Refusal, Request, Response};

async fn fail_at_one(client: &PasskeyClient, key: &mut Authenticator) -> Response {
    let mut begun = client.begin_release().await;
    let assertion = key.assert_with(client.challenge(&begun.nonces), |s| s.bent_signature = true);
    let request = client.shown(begun.nonces.clone(), assertion);
    begun.with(1).ask(&request).await.unwrap()
}

/// As if the failed answers had been shown so many seconds later.
fn dated_later(fleet: &Fleet, seconds: i64) {
    let file = rusqlite::Connection::open(fleet.state_dir(1).join("local.sqlite")).unwrap();
    assert_eq!(file.execute("UPDATE assertions SET at = at + ?", [seconds]).unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fifth_has_to_wait_and_a_good_one_after_the_wait_clears_the_count() {
    let fleet = Fleet::start(3).await;
    let (client, mut key, _) = PasskeyClient::with_passkey(&fleet).await;
    let mut before = client.begin_release().await;
    for _ in 0..4 {
        assert_eq!(fail_at_one(&client, &mut key).await, Err(Refusal::PasskeyInvalid));
    }
    // However slow this is.
    dated_later(&fleet, 3600);
    let begin = Request::BeginRelease { account: client.person.account };
    let Err(Refusal::TooSoon { at }) = client.transport.ask(1, begin.clone()).await else { panic!("no wait") };

    // A good one waits too, in a session that had its nonce before; the other sites have their own count.
    let good = client.shown(before.nonces.clone(), key.assert(client.challenge(&before.nonces)));
    assert_eq!(before.with(1).ask(&good).await.unwrap(), Err(Refusal::TooSoon { at }));
    for site in [2, 3] {
        let answer = before.with(site).ask(&good).await.unwrap();
        assert!(matches!(answer, Ok(Answer::Released(_))), "{answer:?}");
    }

    dated_later(&fleet, -3600 - 30);
    let answers = client.release(&mut key).await;
    assert!(answers.len() == 3 && answers.iter().all(|(_, answer)| answer.is_ok()), "{answers:?}");
    for _ in 0..4 {
        assert_eq!(fail_at_one(&client, &mut key).await, Err(Refusal::PasskeyInvalid));
    }
    dated_later(&fleet, 3600);
    assert!(matches!(client.transport.ask(1, begin).await, Err(Refusal::TooSoon { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_outlives_the_site() {
    let mut fleet = Fleet::start(3).await;
    let (client, mut key, _) = PasskeyClient::with_passkey(&fleet).await;
    for _ in 0..4 {
        fail_at_one(&client, &mut key).await.unwrap_err();
    }
    dated_later(&fleet, 3600);
    fleet.stop(1).await;
    fleet.restart(1).await.unwrap();
    fleet.leader().await;
    let begin = Request::BeginRelease { account: client.person.account };
    assert!(matches!(client.transport.ask(1, begin).await, Err(Refusal::TooSoon { .. })));
}
