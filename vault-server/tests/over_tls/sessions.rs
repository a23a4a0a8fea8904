//! Sessions over HTTP: what ends one, and what does not.

use crate::support::Fleet;
use vault_protocol::limits::MAX_NOISE_MESSAGE;
use vault_protocol::{AccountId, BUNDLE_HEADER, Refusal, Request};

const ACCOUNT: AccountId = AccountId([7; 16]);

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_not_of_a_session_ends_it() {
    let fleet = Fleet::start(3).await;
    let show = Request::Show { account: ACCOUNT };
    let mut session = fleet.http.open(1).await.unwrap();
    let message = session.noise.seal(&show.to_bytes()).unwrap();
    let answer = session.send(message.clone()).await.unwrap();
    session.noise.open(&answer).unwrap();
    // Replayed.
    assert_eq!(session.send(message).await, Err(400));
    assert_eq!(session.try_ask(&show).await, Err(404));
    // Altered, cut, of another session.
    let mut other = fleet.http.open(1).await.unwrap();
    let of_other = other.noise.seal(&show.to_bytes()).unwrap();
    for bend in [|m: &mut Vec<u8>| m[0] ^= 1, |m: &mut Vec<u8>| m.truncate(5)] {
        let mut session = fleet.http.open(1).await.unwrap();
        let mut message = session.noise.seal(&show.to_bytes()).unwrap();
        bend(&mut message);
        assert_eq!(session.send(message).await, Err(400));
        assert_eq!(session.send(of_other.clone()).await, Err(404));
    }
    let answer = other.send(of_other).await.unwrap();
    let plain = other.noise.open(&answer).unwrap();
    let response = vault_protocol::Answer::response_from_bytes(&plain).unwrap();
    assert_eq!(response, Err(Refusal::NoSuchAccount));
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_that_are_none_are_refused_with_a_sentence() {
    let fleet = Fleet::start(3).await;
    let first = fleet.http.first(1);
    let mut altered = first.message.clone();
    altered[70] ^= 1;
    let of_another_site = fleet.http.first(2).message;
    for message in [vec![], vec![4; 81], altered, of_another_site, first.message[..80].to_vec()] {
        let answer = fleet.http.knock(1, &message, None).await.unwrap();
        assert_eq!(answer.status().as_u16(), 400);
        assert!(!answer.text().await.unwrap().is_empty());
    }
    let long = fleet.http.knock(1, &[4; 82], None).await.unwrap();
    assert_eq!(long.status().as_u16(), 413);
    let mut session = fleet.http.open(1).await.unwrap();
    let long = session.send(vec![0; MAX_NOISE_MESSAGE + 1]).await;
    assert_eq!(long, Err(413));
    assert!(session.try_ask(&Request::Show { account: ACCOUNT }).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_names_the_bundle_and_another_one_is_not_served() {
    let fleet = Fleet::start(3).await;
    let id = fleet.bundle.id().to_string();
    for path in ["/v2/bundle", "/v2/health", "/v2/nothing", "/v1/bundle"] {
        assert_eq!(fleet.http.get(1, path).await.headers()[BUNDLE_HEADER], id, "{path}");
    }
    let mut other = fleet.http.clone();
    other.bundle.0[0] ^= 1;
    assert_eq!(other.open(1).await.err(), Some(409));
}
