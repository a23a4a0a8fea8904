//! What a site releases nothing for. The cases are in `support/passkey_cases.rs`; the same ones run over real processes in
//! `passkeys_over_processes.rs`.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use support::passkey::Authenticator;
use support::passkey_cases::{self, honest, shown_to_one};
use support::{Fleet, PasskeyClient};
use vault_protocol::{Refusal, Request};

async fn fleet_and_passkey() -> (Fleet, PasskeyClient, Authenticator) {
    let fleet = Fleet::start(3).await;
    let (client, mut key, _) = PasskeyClient::with_passkey(&fleet).await;
    honest(&client, &mut key).await;
    (fleet, client, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_verify() {
    let (_fleet, client, mut key) = fleet_and_passkey().await;
    passkey_cases::an_answer_that_does_not_verify(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_assertion() {
    let (_fleet, client, mut key) = fleet_and_passkey().await;
    passkey_cases::what_is_no_assertion(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces_that_are_not_those_of_t_sites() {
    let (_fleet, client, mut key) = fleet_and_passkey().await;
    passkey_cases::nonces_that_are_not_those_of_t_sites(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_was_used() {
    let (_fleet, client, mut key) = fleet_and_passkey().await;
    passkey_cases::a_nonce_that_was_used(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_given_in_another_session() {
    let (_fleet, client, mut key) = fleet_and_passkey().await;
    passkey_cases::an_answer_that_was_given_in_another_session(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_nobody_asked_for_or_that_was_given_for_something_else() {
    let (_fleet, client, mut key) = fleet_and_passkey().await;
    passkey_cases::a_nonce_that_nobody_asked_for_or_that_was_given_for_something_else(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_of_another_account() {
    let (_fleet, client, mut key) = fleet_and_passkey().await;
    passkey_cases::a_passkey_of_another_account(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refused_answer_stands_in_the_persons_history() {
    let (_fleet, client, mut key) = fleet_and_passkey().await;
    passkey_cases::every_refused_answer_stands_in_the_persons_history(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_extension_results_is_not_read() {
    let (fleet, client, mut key) = fleet_and_passkey().await;
    let applied = || fleet.site(1).cluster.view().1;
    let before = applied();
    for results in [json!({"prf": {"results": {"first": "AAAA"}}}), json!({"appid": true}), json!([1]), json!("x")] {
        let begun = client.begin_release().await;
        let assertion = key.assert_with(client.challenge(&begun.nonces), |s| s.extension_results = results.clone());
        let refused = shown_to_one(&client, begun, assertion).await;
        assert_eq!(refused, Err(Refusal::ExtensionResults), "{results}");
    }
    assert_eq!(applied(), before, "it was told to the other sites");
    honest(&client, &mut key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_passkey_or_that_is_not_there() {
    let fleet = Fleet::start(3).await;
    let client = PasskeyClient::of(&fleet);
    let begin = Request::BeginRelease { account: client.person.account };
    assert_eq!(client.transport.ask(1, begin.clone()).await, Err(Refusal::NoSuchAccount));
    client.person.register(&client.transport, &client.bundle, 1, "code").await.unwrap();
    assert_eq!(client.transport.ask(1, begin).await, Err(Refusal::NoSuchPasskey));
}
