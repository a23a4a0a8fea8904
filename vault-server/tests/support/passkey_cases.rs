//! What a site releases nothing for: each case with its refusal, and right after it an honest answer that is taken.

use super::passkey::{Authenticator, PRESENT, Says, VERIFIED};
use super::passkey_client::{Begun, PasskeyClient};
use vault_protocol::{Answer, EventKind, Refusal, Request, Response, SiteIndex, SiteNonce};

/// An answer as it should be, at site 1.
pub async fn honest(client: &PasskeyClient, key: &mut Authenticator) {
    let begun = client.begin_release().await;
    let assertion = key.assert(client.challenge(&begun.nonces));
    let answer = shown_to_one(client, begun, assertion).await;
    assert!(matches!(answer, Ok(Answer::Released(_))), "{answer:?}");
}

pub async fn shown_to_one(client: &PasskeyClient, mut begun: Begun, assertion: Vec<u8>) -> Response {
    let request = client.shown(begun.nonces.clone(), assertion);
    begun.with(1).ask(&request).await.unwrap()
}

pub async fn an_answer_that_does_not_verify(client: &PasskeyClient, key: &mut Authenticator) {
    type Bend = fn(&mut Says);
    let cases: [(&str, Bend); 17] = [
        ("a page's origin", |s| s.origin = "https://keepsake.example".into()),
        ("an origin below the relying party", |s| s.origin = "https://app.keepsake.invalid".into()),
        ("another port", |s| s.origin = "https://keepsake.invalid:8443".into()),
        ("an origin without TLS", |s| s.origin = "http://keepsake.invalid".into()),
        ("no origin", |s| s.origin = String::new()),
        ("the origin with a path", |s| s.origin += "/page"),
        ("the origin with the usual port", |s| s.origin += ":443"),
        ("another relying party", |s| s.rp_id = "keepsake.example".into()),
        ("type of a registration", |s| s.kind = "webauthn.create"),
        ("another type", |s| s.kind = "payment.get"),
        ("a challenge of one's own", |s| s.challenge = [9; 32]),
        ("user not present", |s| s.flags &= !PRESENT),
        ("user not verified", |s| s.flags &= !VERIFIED),
        ("a signature of something else", |s| s.bent_signature = true),
        ("the counter stands still", |s| s.counter -= 1),
        ("the counter was set back", |s| s.counter -= 2),
        ("the counter is gone", |s| s.counter = 0),
    ];
    for (name, bend) in cases {
        let begun = client.begin_release().await;
        let assertion = key.assert_with(client.challenge(&begun.nonces), bend);
        assert_eq!(shown_to_one(client, begun, assertion).await, Err(Refusal::PasskeyInvalid), "{name}");
        honest(client, key).await;
    }
}

pub async fn what_is_no_assertion(client: &PasskeyClient, key: &mut Authenticator) {
    for bytes in [&b"\xff"[..], b"{}", &[b' '; 6 * 1024 + 1]] {
        let begun = client.begin_release().await;
        assert_eq!(shown_to_one(client, begun, bytes.to_vec()).await, Err(Refusal::Malformed));
    }
    honest(client, key).await;
    let begun = client.begin_release().await;
    let assertion = String::from_utf8(key.assert(client.challenge(&begun.nonces))).unwrap();
    let (none, twice) = (r#""clientExtensionResults":{}"#, r#""clientExtensionResults":{"prf":{}},"extensions":{}"#);
    let results_twice = assertion.replace(none, twice).into_bytes();
    assert_ne!(results_twice, assertion.into_bytes());
    assert!(shown_to_one(client, begun, results_twice).await.is_err());
}

pub async fn nonces_that_are_not_those_of_t_sites(client: &PasskeyClient, key: &mut Authenticator) {
    type Bend = fn(&mut Vec<SiteNonce>);
    let cases: [(&str, Bend); 7] = [
        ("none", |n| n.clear()),
        ("its own alone", |n| n.truncate(1)),
        ("its own twice", |n| *n = vec![n[0], n[0]]),
        ("its own missing", |n| *n = n[1..].to_vec()),
        ("its own changed", |n| n[0].nonce[0] ^= 1),
        ("its own under another's name", |n| (n[0].nonce, n[1].nonce) = (n[1].nonce, n[0].nonce)),
        ("one of a site that the fleet has not", |n| n[2].site = SiteIndex(4)),
    ];
    for (name, bend) in cases {
        let mut begun = client.begin_release().await;
        bend(&mut begun.nonces);
        // Signed over exactly what is shown: only the list is wrong.
        let assertion = key.assert(client.challenge(&begun.nonces));
        assert_eq!(shown_to_one(client, begun, assertion).await, Err(Refusal::NonceMismatch), "{name}");
        honest(client, key).await;
    }
}

pub async fn a_nonce_that_was_used(client: &PasskeyClient, key: &mut Authenticator) {
    let mut begun = client.begin_release().await;
    let request = client.shown(begun.nonces.clone(), key.assert(client.challenge(&begun.nonces)));
    assert!(begun.with(1).ask(&request).await.unwrap().is_ok());
    assert_eq!(begun.with(1).ask(&request).await.unwrap(), Err(Refusal::NonceMismatch));
    // It was used too if what it was used for was refused.
    let mut begun = client.begin_release().await;
    let bent = key.assert_with(client.challenge(&begun.nonces), |s| s.bent_signature = true);
    let request = client.shown(begun.nonces.clone(), bent);
    assert_eq!(begun.with(1).ask(&request).await.unwrap(), Err(Refusal::PasskeyInvalid));
    let request = client.shown(begun.nonces.clone(), key.assert(client.challenge(&begun.nonces)));
    assert_eq!(begun.with(1).ask(&request).await.unwrap(), Err(Refusal::NonceMismatch));
}

pub async fn an_answer_that_was_given_in_another_session(client: &PasskeyClient, key: &mut Authenticator) {
    let (mut old, mut new) = (client.begin_release().await, client.begin_release().await);
    let assertion = key.assert(client.challenge(&old.nonces));
    let in_old = client.shown(old.nonces.clone(), assertion.clone());
    assert_eq!(new.with(1).ask(&in_old).await.unwrap(), Err(Refusal::NonceMismatch), "before it was used");
    assert!(old.with(1).ask(&in_old).await.unwrap().is_ok());
    assert_eq!(new.with(2).ask(&in_old).await.unwrap(), Err(Refusal::NonceMismatch), "after it was used");
    let in_new = client.shown(new.nonces.clone(), assertion);
    assert_eq!(new.with(3).ask(&in_new).await.unwrap(), Err(Refusal::PasskeyInvalid), "with the nonces of this one");
}

pub async fn a_nonce_that_nobody_asked_for_or_that_was_given_for_something_else(
    client: &PasskeyClient,
    key: &mut Authenticator,
) {
    let begun = client.begin_release().await;
    let request = client.shown(begun.nonces.clone(), key.assert(client.challenge(&begun.nonces)));
    assert_eq!(client.transport.ask(1, request).await, Err(Refusal::NonceMismatch), "in a session of its own");

    let for_a_registration = client.begin_passkey(2).await;
    let assertion = key.assert(client.challenge(&for_a_registration.nonces));
    assert_eq!(shown_to_one(client, for_a_registration, assertion).await, Err(Refusal::NonceMismatch));

    let (other, _, _) = client.of_another_person().await;
    let of_another_account = other.begin_release().await;
    let assertion = key.assert(client.challenge(&of_another_account.nonces));
    assert_eq!(shown_to_one(client, of_another_account, assertion).await, Err(Refusal::NonceMismatch));
}

pub async fn a_passkey_of_another_account(client: &PasskeyClient, key: &mut Authenticator) {
    let (_, mut of_another, _) = client.of_another_person().await;
    let begun = client.begin_release().await;
    let assertion = of_another.assert(client.challenge(&begun.nonces));
    assert_eq!(shown_to_one(client, begun, assertion).await, Err(Refusal::NoSuchPasskey));
    // Under the name of the account's own credential.
    let begun = client.begin_release().await;
    of_another.credential.clone_from(&key.credential);
    let assertion = of_another.assert(client.challenge(&begun.nonces));
    assert_eq!(shown_to_one(client, begun, assertion).await, Err(Refusal::PasskeyInvalid));
    honest(client, key).await;
}

pub async fn every_refused_answer_stands_in_the_persons_history(client: &PasskeyClient, key: &mut Authenticator) {
    let begun = client.begin_release().await;
    let bent = key.assert_with(client.challenge(&begun.nonces), |s| s.bent_signature = true);
    shown_to_one(client, begun, bent).await.unwrap_err();
    let begun = client.begin_release().await;
    let unknown = Authenticator::new().assert(client.challenge(&begun.nonces));
    shown_to_one(client, begun, unknown).await.unwrap_err();
    let begun = client.begin_release().await;
    shown_to_one(client, begun, b"{}".to_vec()).await.unwrap_err();
    let Ok(Answer::Events(events)) = client.transport.ask(1, Request::Events { account: client.person.account }).await
    else {
        panic!("no events")
    };
    use EventKind::{PasskeyAdded, PasskeyRefused, PasskeyUsed};
    let expected = [PasskeyAdded, PasskeyUsed, PasskeyRefused, PasskeyRefused, PasskeyRefused];
    assert_eq!(events.iter().map(|e| e.kind).collect::<Vec<_>>(), expected);
}
