//! A passkey is stored only if its registration verifies over nonces that t sites gave for it. Each case with its
//! refusal, and right after it a registration as it should be.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use support::passkey::{Authenticator, PRESENT, Says, VERIFIED};
use support::{Begun, Fleet, PasskeyClient};
use vault_protocol::{Answer, PasskeyRecord, Refusal, Request, Response, SiteNonce};
use vault_state::{Command, Outcome};

/// Sets the first roster of a new account at site 1: a registration over the nonces, bent.
async fn registered_with(client: &PasskeyClient, mut begun: Begun, bend: impl FnOnce(&mut Says)) -> Response {
    let mut key = Authenticator::new();
    let registration = key.register_with(client.challenge(&begun.nonces), bend);
    let (_, record) = client.record(1, &key.credential, begun.nonces.clone(), registration);
    let request = client.signed(1, vec![record.digest()], Some(record));
    begun.with(1).ask(&request).await.unwrap()
}

async fn honest(client: &PasskeyClient) {
    let begun = client.begin_passkey(1).await;
    let answer = registered_with(client, begun, |_| ()).await;
    assert_eq!(answer, Ok(Answer::RosterSet { change: 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_does_not_verify() {
    let fleet = Fleet::start(3).await;
    type Bend = fn(&mut Says);
    let cases: [(&str, Bend); 9] = [
        ("a page's origin", |s| s.origin = "https://keepsake.example".into()),
        ("the origin with a path", |s| s.origin += "/page"),
        ("another relying party", |s| s.rp_id = "keepsake.example".into()),
        ("type of an assertion", |s| s.kind = "webauthn.get"),
        ("a challenge of one's own", |s| s.challenge = [9; 32]),
        ("user not present", |s| s.flags &= !PRESENT),
        ("user not verified", |s| s.flags &= !VERIFIED),
        ("an algorithm that is not ES256", |s| s.algorithm = -8),
        ("an attestation, though a valid one", |s| s.self_attested = true),
    ];
    for (name, bend) in cases {
        let client = PasskeyClient::of(&fleet);
        let begun = client.begin_passkey(1).await;
        assert_eq!(registered_with(&client, begun, bend).await, Err(Refusal::PasskeyInvalid), "{name}");
        honest(&client).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_with_extension_results_is_not_read() {
    let fleet = Fleet::start(3).await;
    let client = PasskeyClient::of(&fleet);
    let begun = client.begin_passkey(1).await;
    let prf = json!({"prf": {"enabled": true}});
    let refused = registered_with(&client, begun, |s| s.extension_results = prf).await;
    assert_eq!(refused, Err(Refusal::ExtensionResults));
    honest(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces_that_are_not_those_of_this_registration() {
    let fleet = Fleet::start(3).await;
    type Bend = fn(&mut Vec<SiteNonce>);
    let cases: [(&str, Refusal, Bend); 4] = [
        ("its own missing", Refusal::NonceMismatch, |n| *n = n[1..].to_vec()),
        ("its own changed", Refusal::NonceMismatch, |n| n[0].nonce[0] ^= 1),
        ("of fewer than t sites", Refusal::Malformed, |n| n.truncate(1)),
        ("of one site twice", Refusal::Malformed, |n| *n = vec![n[0], n[0]]),
    ];
    for (name, refusal, bend) in cases {
        let client = PasskeyClient::of(&fleet);
        let mut begun = client.begin_passkey(1).await;
        bend(&mut begun.nonces);
        assert_eq!(registered_with(&client, begun, |_| ()).await, Err(refusal), "{name}");
        honest(&client).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces_that_were_given_for_a_release_or_for_another_account() {
    let fleet = Fleet::start(3).await;
    let (client, _, _) = PasskeyClient::with_passkey(&fleet).await;
    let mut key = Authenticator::new();
    let mut add_with = async |mut begun: Begun| {
        let registration = key.register(client.challenge(&begun.nonces));
        let (_, record) = client.record(2, &key.credential, begun.nonces.clone(), registration);
        let request = client.signed(2, vec![record.digest()], Some(record));
        begun.with(1).ask(&request).await.unwrap()
    };
    let for_a_release = client.begin_release().await;
    assert_eq!(add_with(for_a_release).await, Err(Refusal::NonceMismatch));
    let of_another = PasskeyClient::of(&fleet).begin_passkey(1).await;
    assert_eq!(add_with(of_another).await, Err(Refusal::NonceMismatch));
    let as_it_should_be = client.begin_passkey(2).await;
    assert_eq!(add_with(as_it_should_be).await, Ok(Answer::RosterSet { change: 2 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_not_the_next() {
    let fleet = Fleet::start(3).await;
    let (client, _, _) = PasskeyClient::with_passkey(&fleet).await;
    let begin = |change| Request::BeginPasskey { account: client.person.account, change };
    for change in [0, 1, 3] {
        let refused = client.transport.ask(1, begin(change)).await;
        assert_eq!(refused, Err(Refusal::WrongChange { current: 1 }), "{change}");
    }
}

/// What a bad site could propose, leader or not: every site refuses it when it is applied.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_site_that_proposes_forged_passkeys_changes_nothing() {
    let fleet = Fleet::start(3).await;
    let (client, mut key, _) = PasskeyClient::with_passkey(&fleet).await;
    let account = client.person.account;
    let mut thief = PasskeyClient::of(&fleet);
    thief.person.account = account;

    let (mut thiefs, nonces) = (Authenticator::new(), client.begin_passkey(2).await.nonces);
    let registration = thiefs.register(client.challenge(&nonces));
    let (_, valid) = client.record(2, &thiefs.credential, nonces.clone(), registration);
    let invalid = PasskeyRecord { registration: vec![], ..valid.clone() };
    let used = |assertion| Command::UsePasskey { account, nonces: nonces.clone(), assertion, at: 1 };
    let cases = [
        (used(key.assert([9; 32])), Refusal::PasskeyInvalid),
        (used(thiefs.assert(client.challenge(&nonces))), Refusal::NoSuchPasskey),
        (set(thief.signed(2, vec![valid.digest()], Some(valid))), Refusal::NotOwner),
        (set(thief.signed(2, vec![], None)), Refusal::NotOwner),
        (set(client.signed(2, vec![invalid.digest()], Some(invalid))), Refusal::PasskeyInvalid),
    ];
    let before = fleet.site(1).cluster.reader().account(account).await.unwrap();
    for (command, refusal) in cases {
        for site in 1..=3 {
            let proposed = fleet.site(site).cluster.propose(command.clone()).await.unwrap();
            assert_eq!(proposed.outcome, Outcome::Refused(refusal.clone()), "{command:?}");
        }
    }
    assert_eq!(fleet.site(1).cluster.reader().account(account).await.unwrap(), before);
}

fn set(request: Request) -> Command {
    let Request::SetRoster(update) = request else { unreachable!() };
    Command::SetRoster { update, at: 1 }
}
