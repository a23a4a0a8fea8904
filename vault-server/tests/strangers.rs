//! What someone without an account asks for costs the fleet nothing that stays.
#![allow(clippy::unwrap_used)]

mod support;

use support::passkey::Authenticator;
use support::{Begun, Fleet, PasskeyClient, Person};
use vault_protocol::{Refusal, Request, Signature64, TryId};

/// The newest entry of consensus as site 1 has applied it; the leader's own first entry is there when this returns.
async fn applied(fleet: &Fleet) -> u64 {
    loop {
        if let Some(index) = fleet.site(1).cluster.view().1 {
            return index;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_requests_are_refused_without_an_entry_in_the_log() {
    let fleet = Fleet::start(3).await;
    let stranger = Person::new();
    let before = applied(&fleet).await;
    let (account, signature) = (stranger.account, Signature64([7; 64]));
    let record = stranger.record(&fleet.bundle, 1, "code");
    let signed = stranger.sign(&fleet.bundle, &record);
    let alpha = stranger.blind("x").alpha();
    let passkeys = PasskeyClient::of(&fleet);
    let requests = [
        (stranger.guess(1, &stranger.blind("x")), Refusal::NoSuchAccount),
        (Request::Confirm { account, version: 1, try_id: TryId([1; 32]), proof: [0; 32] }, Refusal::NoSuchAccount),
        (Request::Remove { account, version: 1, signature }, Refusal::NoSuchAccount),
        (Request::EvaluateForRegistration { account, version: 2, alpha }, Refusal::NoSuchAccount),
        (Request::Register { record: record.clone(), signature }, Refusal::NotOwner),
        (Request::Register { record, signature: signed }, Refusal::NotEvaluated),
        (Request::BeginPasskey { account, change: 2 }, Refusal::NoSuchAccount),
        (Request::BeginRelease { account }, Refusal::NoSuchAccount),
        (Request::Release { account, nonces: vec![], assertion: vec![] }, Refusal::NonceMismatch),
        (passkeys.signed(1, vec![], None), Refusal::NoSuchAccount),
    ];
    for (request, refusal) in requests {
        for site in [1, 2, 3] {
            assert_eq!(fleet.transport.ask(site, request.clone()).await, Err(refusal.clone()), "{request:?}");
        }
    }
    assert_eq!(applied(&fleet).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_by_a_stranger_who_knows_the_account_is_refused_without_an_entry() {
    let fleet = Fleet::start(3).await;
    let person = Person::new();
    person.register(&fleet.transport, &fleet.bundle, 1, "code").await.unwrap();
    let removal = Request::Remove { account: person.account, version: 1, signature: Signature64([7; 64]) };
    assert_eq!(fleet.transport.ask(1, removal.clone()).await, Err(Refusal::NotOwner));
    let before = applied(&fleet).await;
    assert_eq!(fleet.transport.ask(1, removal).await, Err(Refusal::NotOwner));
    assert_eq!(applied(&fleet).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_takes_a_bounded_number_of_messages() {
    let fleet = Fleet::start(3).await;
    let status = Request::Status { account: Person::new().account };
    let mut session = fleet.transport.open(1).await.unwrap();
    for _ in 0..64 {
        session.ask(&status).await.unwrap().unwrap_err();
    }
    assert_eq!(session.ask(&status).await, Err(404));
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_are_limited_like_their_evaluations() {
    let fleet = Fleet::start(3).await;
    let person = Person::new();
    let alpha = person.blind("x").alpha();
    for site in [1, 2, 3] {
        let request = Request::EvaluateForRegistration { account: person.account, version: 1, alpha };
        fleet.transport.ask(site, request).await.unwrap();
    }
    while fleet.site(1).limits.registration().is_ok() {}
    let record = person.record(&fleet.bundle, 1, "code");
    let signature = person.sign(&fleet.bundle, &record);
    let refused = fleet.transport.ask(1, Request::Register { record, signature }).await;
    assert!(matches!(refused, Err(Refusal::Busy { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_are_limited_like_registrations() {
    let fleet = Fleet::start(3).await;
    let client = PasskeyClient::of(&fleet);
    let Begun { nonces, mut sessions } = client.begin_passkey(1).await;
    let mut key = Authenticator::new();
    let registration = key.register(client.challenge(&nonces));
    let (_, record) = client.record(1, &key.credential, nonces, registration);
    let add = client.signed(1, vec![record.digest()], Some(record));
    while fleet.site(1).limits.registration().is_ok() {}
    let begin = Request::BeginPasskey { account: client.person.account, change: 1 };
    let refused = fleet.transport.ask(1, begin).await;
    assert!(matches!(refused, Err(Refusal::Busy { .. })), "{refused:?}");
    let refused = sessions[0].1.ask(&add).await.unwrap();
    assert!(matches!(refused, Err(Refusal::Busy { .. })), "{refused:?}");
    assert!(sessions[1].1.ask(&add).await.unwrap().is_ok(), "each site has its own limit");
}
