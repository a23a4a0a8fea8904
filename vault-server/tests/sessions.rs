//! A session takes each message once, in order and whole, or is gone.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Fleet, Person};
use vault_protocol::{Refusal, Request};

fn status(person: &Person) -> Request {
    Request::Status { account: person.account }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_message_ends_the_session() {
    let fleet = Fleet::start(3).await;
    let person = Person::new();
    type Harm = fn(&mut Vec<u8>);
    let harms: [(&str, Harm); 4] = [
        ("truncated", |m| m.truncate(m.len() - 1)),
        ("lengthened", |m| m.push(0)),
        ("changed", |m| m[0] ^= 1),
        ("emptied", Vec::clear),
    ];
    for (name, harm) in harms {
        let mut session = fleet.transport.open(1).await.unwrap();
        assert_eq!(session.ask(&status(&person)).await.unwrap(), Err(Refusal::NoSuchAccount));
        let mut message = session.session.seal(&status(&person).to_bytes()).unwrap();
        let good = message.clone();
        harm(&mut message);
        assert_eq!(session.send(message).await, Err(400), "{name}");
        assert_eq!(session.send(good).await, Err(404), "{name}: the session is still there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_message_ends_the_session() {
    let fleet = Fleet::start(3).await;
    let mut session = fleet.transport.open(1).await.unwrap();
    let message = session.session.seal(&status(&Person::new()).to_bytes()).unwrap();
    session.send(message.clone()).await.unwrap();
    assert_eq!(session.send(message.clone()).await, Err(400));
    assert_eq!(session.send(message).await, Err(404));
}

#[tokio::test(flavor = "multi_thread")]
async fn reordered_messages_end_the_session() {
    let fleet = Fleet::start(3).await;
    let mut session = fleet.transport.open(1).await.unwrap();
    let first = session.session.seal(&status(&Person::new()).to_bytes()).unwrap();
    let second = session.session.seal(&status(&Person::new()).to_bytes()).unwrap();
    assert_eq!(session.send(second).await, Err(400));
    assert_eq!(session.send(first).await, Err(404));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_another_session_or_site_ends_the_session() {
    let fleet = Fleet::start(3).await;
    let mut other = fleet.transport.open(2).await.unwrap();
    let message = other.session.seal(&status(&Person::new()).to_bytes()).unwrap();
    let session = fleet.transport.open(1).await.unwrap();
    assert_eq!(session.send(message).await, Err(400));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_refused_inside_the_session() {
    let fleet = Fleet::start(3).await;
    let mut session = fleet.transport.open(1).await.unwrap();
    let message = session.session.seal(&[0xff; 40]).unwrap();
    let answer = session.send(message).await.unwrap();
    let plain = session.session.open(&answer).unwrap();
    assert_eq!(vault_protocol::Answer::response_from_bytes(&plain).unwrap(), Err(Refusal::Malformed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_for_another_bundle_or_key_is_refused() {
    let fleet = Fleet::start(3).await;
    let mut rng = rand_core::OsRng;
    let other_bundle = vault_protocol::BundleId([9; 32]);
    let (_, message) = recovery_crypto::session::initiate(&other_bundle, &fleet.bundle.fleet_key, &mut rng).unwrap();
    for body in [message, vec![], vec![4; 81], vec![0; 65_535]] {
        let url = fleet.transport.url(1, "/v1/session");
        let answer = fleet.transport.http.post(url).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.headers()["keepsake-bundle"], fleet.bundle.id().to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_is_not_read() {
    let fleet = Fleet::start(3).await;
    let url = fleet.transport.url(1, "/v1/session");
    let answer = fleet.transport.http.post(url).body(vec![0; 65_536]).send().await.unwrap();
    assert_eq!(answer.status(), 413);
}
