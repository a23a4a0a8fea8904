//! Every refusal of a passkey's answer, at sites that are processes of their own.
//!
//! The programs must be built (`script/test` does; by hand: `cargo build --workspace --bins`).
#![allow(clippy::unwrap_used)]

mod support;

use support::passkey_cases as cases;
use support::processes::Processes;
use vault_protocol::{Answer, Refusal, Request};

#[tokio::test(flavor = "multi_thread")]
async fn sites_release_a_secret_to_its_passkey_and_for_nothing_else_until_it_is_removed() {
    let fleet = Processes::up();
    let (client, mut key, secret) = fleet.client().of_another_person().await;
    cases::honest(&client, &mut key).await;
    cases::an_answer_that_does_not_verify(&client, &mut key).await;
    cases::what_is_no_assertion(&client, &mut key).await;
    cases::nonces_that_are_not_those_of_t_sites(&client, &mut key).await;
    cases::a_nonce_that_was_used(&client, &mut key).await;
    cases::an_answer_that_was_given_in_another_session(&client, &mut key).await;
    cases::a_nonce_that_nobody_asked_for_or_that_was_given_for_something_else(&client, &mut key).await;
    cases::a_passkey_of_another_account(&client, &mut key).await;
    let (other, mut others_key, _) = client.of_another_person().await;
    cases::honest(&other, &mut others_key).await;
    cases::every_refused_answer_stands_in_the_persons_history(&other, &mut others_key).await;

    let answers = client.release(&mut key).await;
    assert_eq!(client.rebuilt(&key.credential, answers), Some(secret));
    assert_eq!(client.strike_off(1, 2, &[]).await, Ok(Answer::RosterSet { change: 2 }));
    let begun = client.transport.ask(1, Request::BeginRelease { account: client.person.account }).await;
    assert_eq!(begun, Err(Refusal::NoSuchPasskey));
}
