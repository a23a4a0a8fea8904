//! A passkey is registered, is released its secret, and is removed: at three and at five sites, with sites away.
#![allow(clippy::unwrap_used)]

mod support;

use support::passkey::Authenticator;
use support::{Fleet, PasskeyClient};
use vault_protocol::{Answer, Change, EventKind, Refusal, Request};

async fn a_passkeys_life(n: u8) {
    let fleet = Fleet::start(n).await;
    let (client, mut key, secret) = PasskeyClient::with_passkey(&fleet).await;
    let answers = client.release(&mut key).await;
    assert_eq!(answers.len(), usize::from(n));
    assert!(answers.iter().all(|(_, answer)| answer.is_ok()), "{answers:?}");
    assert_eq!(client.rebuilt(&key.credential, answers), Some(secret));
    assert_eq!(client.list(n).await.passkeys[0].credential, key.credential);

    assert_eq!(client.strike_off(1, 2, &[]).await, Ok(Answer::RosterSet { change: 2 }));
    for site in 1..=n {
        caught_up(&client, site, 2).await;
        let held = fleet.site(site).cluster.reader().account(client.person.account).await.unwrap().unwrap();
        assert!(held.passkeys.held.is_empty(), "site {site} keeps its box");
        let begun = client.transport.ask(site, Request::BeginRelease { account: client.person.account }).await;
        assert_eq!(begun, Err(Refusal::NoSuchPasskey));
    }
    let Ok(Answer::Events(events)) = client.transport.ask(n, Request::Events { account: client.person.account }).await
    else {
        panic!("no events")
    };
    use EventKind::{PasskeyAdded, PasskeyRemoved, PasskeyUsed};
    assert_eq!(events.iter().map(|e| e.kind).collect::<Vec<_>>(), [PasskeyAdded, PasskeyUsed, PasskeyRemoved]);
}

/// Waits until a site has applied a change.
async fn caught_up(client: &PasskeyClient, site: u8, change: Change) {
    while client.list(site).await.change < change {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_sites_release_a_secret_until_the_passkey_is_removed() {
    a_passkeys_life(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_sites_release_a_secret_until_the_passkey_is_removed() {
    a_passkeys_life(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minority_may_be_down() {
    let mut fleet = Fleet::start(3).await;
    let (client, mut key, secret) = PasskeyClient::with_passkey(&fleet).await;
    fleet.stop(fleet.leader().await).await;
    fleet.leader().await;
    let answers = client.release(&mut key).await;
    assert_eq!(client.rebuilt(&key.credential, answers), Some(secret));
    let mut second = Authenticator::new();
    let others = client.list(fleet.leader().await).await.passkeys[0].digest;
    let (secret, _) = client.add(2, &[others], &mut second).await.unwrap();
    let answers = client.release(&mut second).await;
    assert_eq!(client.rebuilt(&second.credential, answers), Some(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_majority_nothing_is_released() {
    let mut fleet = Fleet::start(3).await;
    let (client, mut key, _) = PasskeyClient::with_passkey(&fleet).await;
    // All three gave a nonce while they were there.
    let mut begun = client.begin_release().await;
    let assertion = key.assert(client.challenge(&begun.nonces));
    let request = client.shown(begun.nonces.clone(), assertion);
    fleet.stop(1).await;
    fleet.stop(2).await;
    let answer = begun.with(3).ask(&request).await.unwrap();
    assert!(matches!(answer, Err(Refusal::Unavailable { .. })), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_was_down_destroys_its_box_when_it_returns() {
    let mut fleet = Fleet::start(3).await;
    let (client, mut key, _) = PasskeyClient::with_passkey(&fleet).await;
    caught_up(&client, 2, 1).await;
    let account = client.person.account;
    let held = |fleet: &Fleet| {
        let reader = fleet.site(2).cluster.reader().clone();
        async move { reader.account(account).await.unwrap().unwrap().passkeys.held.len() }
    };
    assert_eq!(held(&fleet).await, 1);
    fleet.stop(2).await;
    fleet.leader().await;
    client.strike_off(fleet.leader().await, 2, &[]).await.unwrap();
    fleet.restart(2).await.unwrap();
    caught_up(&client, 2, 2).await;
    assert_eq!(held(&fleet).await, 0);
    assert!(client.release(&mut key).await.is_empty(), "a site gave a nonce for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_gave_a_nonce_before_the_removal_releases_nothing_after_it() {
    let fleet = Fleet::start(3).await;
    let (client, mut key, _) = PasskeyClient::with_passkey(&fleet).await;
    let mut begun = client.begin_release().await;
    let request = client.shown(begun.nonces.clone(), key.assert(client.challenge(&begun.nonces)));
    client.strike_off(1, 2, &[]).await.unwrap();
    for site in 1..=3 {
        assert_eq!(begun.with(site).ask(&request).await.unwrap(), Err(Refusal::NoSuchPasskey), "site {site}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_and_a_passkey_live_side_by_side() {
    let fleet = Fleet::start(3).await;
    let (client, mut key, secret) = PasskeyClient::with_passkey(&fleet).await;
    let (person, transport, bundle) = (&client.person, &client.transport, &client.bundle);
    let vault_key = person.register(transport, bundle, 1, "code").await.unwrap();
    assert!(person.recover(transport, bundle, 1, &person.blind("wrong")).await.is_err());
    let answers = client.release(&mut key).await;
    assert_eq!(client.rebuilt(&key.credential, answers), Some(secret));
    let right = person.blind("code");
    let opened = person.recover(transport, bundle, 1, &right).await.unwrap();
    assert_eq!(opened.vault_key.expose(), &vault_key[..]);
    let Ok(Answer::Status(status)) = person.status(transport, 1).await else { panic!("no status") };
    assert_eq!(status.tries_left, 8, "a passkey spends no try and gives none back");
}
