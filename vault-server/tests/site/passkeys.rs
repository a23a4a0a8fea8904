//! Passkeys: registered by their owner, released to who shows them, gone when struck off.

use crate::people::Asks;
use crate::support::{Authenticator, Begun, Client, Fleet, Person, START};
use vault_protocol::{Answer, CodeOrigin, EventKind, GuessPolicy, Refusal, Request, Response};

async fn with_passkey() -> (Fleet, Person, Authenticator) {
    let fleet = Fleet::start(3, GuessPolicy::Balanced).await;
    let person = Person::new(CodeOrigin::Generated);
    let mut key = Authenticator::new();
    person.add_passkey(&fleet, 1, &[], &mut key).await.unwrap();
    fleet.settle().await;
    (fleet, person, key)
}

async fn show_to_one(
    fleet: &Fleet,
    person: &Person,
    mut begun: Begun<Client>,
    assertion: Vec<u8>,
) -> Response {
    let request = person.shown(begun.nonces.clone(), assertion);
    let _ = fleet;
    begun.with(1).ask(request).await
}

/// An answer as it should be, at site 1.
async fn honest(fleet: &Fleet, person: &Person, key: &mut Authenticator) {
    let begun = person.begin_release(fleet).await;
    let assertion = key.assert(person.challenge(fleet, &begun.nonces));
    let answer = show_to_one(fleet, person, begun, assertion).await;
    assert!(matches!(answer, Ok(Answer::Released(_))), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn a_passkey_claims_an_account_and_its_answer_brings_the_secret_back() {
    let fleet = Fleet::start(5, GuessPolicy::Balanced).await;
    let person = Person::new(CodeOrigin::Generated);
    let mut key = Authenticator::new();
    let (secret, digest) = person.add_passkey(&fleet, 1, &[], &mut key).await.unwrap();
    let shown = person.show(&fleet, 1).await.unwrap();
    assert_eq!(shown.passkeys.len(), 1);
    let head = &shown.passkeys[0].head;
    assert_eq!(head.digest(), digest);
    fleet.cut_off(&[4, 5]);
    let answers = person.release(&fleet, &mut key).await;
    let rebuilt = person.rebuilt(&fleet, &head.commitment, &key.credential, answers);
    assert_eq!(rebuilt, Some(secret));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_verify_is_refused_and_a_right_one_after_it_is_not() {
    use crate::support::authenticator::{PRESENT, Says, VERIFIED};
    type Bend = fn(&mut Says);
    let cases: [(&str, Bend); 17] = [
        ("a page's origin", |s| s.origin = "https://keepsake.example".into()),
        ("an origin below ours", |s| s.origin = "https://app.keepsake.invalid".into()),
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
    let (fleet, person, mut key) = with_passkey().await;
    honest(&fleet, &person, &mut key).await;
    for (name, bend) in cases {
        let begun = person.begin_release(&fleet).await;
        let assertion = key.assert_with(person.challenge(&fleet, &begun.nonces), bend);
        let refused = show_to_one(&fleet, &person, begun, assertion).await;
        assert_eq!(refused, Err(Refusal::PasskeyInvalid), "{name}");
        honest(&fleet, &person, &mut key).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_assertion_or_carries_results_is_refused() {
    let (fleet, person, mut key) = with_passkey().await;
    for bytes in [&b"\xff"[..], b"{}", &[b' '; 6 * 1024 + 1]] {
        let begun = person.begin_release(&fleet).await;
        let refused = show_to_one(&fleet, &person, begun, bytes.to_vec()).await;
        assert_eq!(refused, Err(Refusal::Malformed));
    }
    honest(&fleet, &person, &mut key).await;
    let results = serde_json::json!({"prf": {"results": {"first": "AAAA"}}});
    let begun = person.begin_release(&fleet).await;
    let challenge = person.challenge(&fleet, &begun.nonces);
    let assertion = key.assert_with(challenge, |s| s.extension_results = results);
    let refused = show_to_one(&fleet, &person, begun, assertion).await;
    assert_eq!(refused, Err(Refusal::ExtensionResults));
}

#[tokio::test(start_paused = true)]
async fn nonces_that_are_not_those_of_t_sites_and_this_session_are_refused() {
    use vault_protocol::{SiteIndex, SiteNonce};
    type Bend = fn(&mut Vec<SiteNonce>);
    let cases: [(&str, Bend); 8] = [
        ("none", |n| n.clear()),
        ("its own alone", |n| n.truncate(1)),
        ("its own twice", |n| *n = vec![n[0], n[0]]),
        ("its own missing", |n| *n = n[1..].to_vec()),
        ("its own changed", |n| n[0].nonce[0] ^= 1),
        ("its own of another session", |n| n[0].handshake[0] ^= 1),
        ("its own under another's name", |n| {
            let other = n[1].nonce;
            n[1].nonce = n[0].nonce;
            n[0].nonce = other;
        }),
        ("one of a site that the fleet has not", |n| n[2].site = SiteIndex(4)),
    ];
    let (fleet, person, mut key) = with_passkey().await;
    for (name, bend) in cases {
        let mut begun = person.begin_release(&fleet).await;
        bend(&mut begun.nonces);
        // Signed over exactly what is shown: only the list is wrong.
        let assertion = key.assert(person.challenge(&fleet, &begun.nonces));
        let refused = show_to_one(&fleet, &person, begun, assertion).await;
        assert_eq!(refused, Err(Refusal::NonceMismatch), "{name}");
        honest(&fleet, &person, &mut key).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_nonce_is_good_for_one_answer() {
    let (fleet, person, mut key) = with_passkey().await;
    let mut begun = person.begin_release(&fleet).await;
    let assertion = key.assert(person.challenge(&fleet, &begun.nonces));
    let request = person.shown(begun.nonces.clone(), assertion);
    assert!(begun.with(1).ask(request.clone()).await.is_ok());
    assert_eq!(begun.with(1).ask(request).await, Err(Refusal::NonceMismatch));
    // It was used too if what it was used for was refused.
    let mut begun = person.begin_release(&fleet).await;
    let challenge = person.challenge(&fleet, &begun.nonces);
    let bent = key.assert_with(challenge, |s| s.bent_signature = true);
    let request = person.shown(begun.nonces.clone(), bent);
    assert_eq!(begun.with(1).ask(request).await, Err(Refusal::PasskeyInvalid));
    let request = person.shown(begun.nonces.clone(), key.assert(challenge));
    assert_eq!(begun.with(1).ask(request).await, Err(Refusal::NonceMismatch));
}

/// Somebody between a person and the fleet has sessions of his own with every site, and passes
/// their nonces and the passkey's answer on.
#[tokio::test(start_paused = true)]
async fn an_answer_that_was_asked_for_in_other_sessions_releases_nothing() {
    let (fleet, person, mut key) = with_passkey().await;
    let mut his = person.begin_release(&fleet).await;
    // What the person sees as the nonces of her own sessions with him: the sites' nonces, but her
    // sessions' names, for these are what her own client knows.
    let hers: Vec<_> = his
        .nonces
        .iter()
        .map(|nonce| vault_protocol::SiteNonce { handshake: [7; 32], ..*nonce })
        .collect();
    let assertion = key.assert(person.challenge(&fleet, &hers));
    for nonces in [hers.clone(), his.nonces.clone()] {
        for site in 1..=3 {
            let shown = person.shown(nonces.clone(), assertion.clone());
            let refused = his.with(site).ask(shown).await;
            assert!(
                matches!(refused, Err(Refusal::NonceMismatch | Refusal::PasskeyInvalid)),
                "{refused:?}"
            );
        }
        his = person.begin_release(&fleet).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_account_or_purpose_is_refused() {
    let (fleet, person, mut key) = with_passkey().await;
    let begun = person.begin_release(&fleet).await;
    let assertion = key.assert(person.challenge(&fleet, &begun.nonces));
    let request = person.shown(begun.nonces.clone(), assertion);
    let mut fresh = Client::open(&fleet, 1).await.unwrap();
    assert_eq!(fresh.ask(request).await, Err(Refusal::NonceMismatch));
    let for_registration = person.begin_passkey(&fleet).await;
    let assertion = key.assert(person.challenge(&fleet, &for_registration.nonces));
    let refused = show_to_one(&fleet, &person, for_registration, assertion).await;
    assert_eq!(refused, Err(Refusal::NonceMismatch));
    let other = Person::new(CodeOrigin::Generated);
    let mut of_another = Authenticator::new();
    other.add_passkey(&fleet, 1, &[], &mut of_another).await.unwrap();
    let begun = person.begin_release(&fleet).await;
    let assertion = of_another.assert(person.challenge(&fleet, &begun.nonces));
    let refused = show_to_one(&fleet, &person, begun, assertion).await;
    assert_eq!(refused, Err(Refusal::NoSuchPasskey));
    let begun = person.begin_release(&fleet).await;
    of_another.credential.clone_from(&key.credential);
    let assertion = of_another.assert(person.challenge(&fleet, &begun.nonces));
    let refused = show_to_one(&fleet, &person, begun, assertion).await;
    assert_eq!(refused, Err(Refusal::PasskeyInvalid));
}

#[tokio::test(start_paused = true)]
async fn who_is_struck_off_is_gone_also_where_nobody_has_heard_of_it() {
    let (fleet, person, mut key) = with_passkey().await;
    let mut second = Authenticator::new();
    let first = person.show(&fleet, 1).await.unwrap().passkeys[0].head.digest();
    let added = person.add_passkey(&fleet, 2, &[first], &mut second).await.unwrap();
    fleet.settle().await;
    fleet.cut_off(&[3]);
    person.strike_off(&fleet, 1, 3, &[added.1]).await.unwrap();
    fleet.settle().await;
    fleet.cut_off(&[]);
    // Site 3 was away; it asks the others before it gives a nonce.
    let answers = person.release(&fleet, &mut key).await;
    assert!(answers.iter().all(|(_, a)| *a == Err(Refusal::NoSuchPasskey)), "{answers:?}");
    let answers = person.release(&fleet, &mut second).await;
    assert!(answers.iter().all(|(_, a)| matches!(a, Ok(Answer::Released(_)))), "{answers:?}");
    // The owner's former word does not bring it back.
    let old = person.strike_off(&fleet, 1, 2, &[first, added.1]).await;
    assert_eq!(old, Err(Refusal::WrongRoster { current: 3 }));
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_does_not_hold_is_refused() {
    let (fleet, person, mut key) = with_passkey().await;
    let first = person.show(&fleet, 1).await.unwrap().passkeys[0].head.digest();
    let mut second = Authenticator::new();
    type Bend = fn(&mut crate::support::authenticator::Says);
    let cases: [(&str, Bend); 4] = [
        ("another origin", |s| s.origin = "https://keepsake.example".into()),
        ("attested by itself", |s| s.self_attested = true),
        ("another algorithm", |s| s.algorithm = -8),
        ("another challenge", |s| s.challenge = [1; 32]),
    ];
    for (name, bend) in cases {
        let mut begun = person.begin_passkey(&fleet).await;
        let challenge = person.challenge(&fleet, &begun.nonces);
        let registration = second.register_with(challenge, bend);
        let nonces = begun.nonces.clone();
        let (_, record) =
            person.passkey_record(&fleet, 2, &second.credential, nonces, registration);
        let roster = person.roster(&fleet, 2, vec![first, record.digest()]);
        let request = person.set_roster(&fleet, roster, Some(record), vec![]).await;
        let refused = begun.with(1).ask(request).await;
        assert_eq!(refused, Err(Refusal::PasskeyInvalid), "{name}");
        tokio::time::advance(std::time::Duration::from_secs(100)).await;
    }
    honest(&fleet, &person, &mut key).await;
}

#[tokio::test(start_paused = true)]
async fn failed_answers_make_one_wait_and_stand_in_the_history() {
    let (fleet, person, mut key) = with_passkey().await;
    for _ in 0..4 {
        let begun = person.begin_release(&fleet).await;
        let challenge = person.challenge(&fleet, &begun.nonces);
        let bent = key.assert_with(challenge, |s| s.bent_signature = true);
        show_to_one(&fleet, &person, begun, bent).await.unwrap_err();
    }
    let mut client = Client::open(&fleet, 1).await.unwrap();
    let account = person.account();
    let refused = client.ask(Request::BeginRelease { account }).await;
    assert_eq!(refused, Err(Refusal::TooSoon { at: START + 30 }));
    let Ok(Answer::Events(events)) = client.ask(Request::Events { account }).await else {
        panic!()
    };
    use EventKind::{PasskeyAdded, PasskeyRefused};
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [[PasskeyAdded].as_slice(), &[PasskeyRefused; 4]].concat());
    fleet.set_clocks(START + 30);
    honest(&fleet, &person, &mut key).await;
}
