//! The software passkey against webauthn-rs, which is what every site of a fleet runs.

#![allow(clippy::unwrap_used)]

mod support;

use passkey_unlock::*;
use sealed_keys::MemoryKeyStore;
use serde_json::json;
use support::*;

const PIN: &str = "271828";

fn authenticator(dir: &tempfile::TempDir) -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(dir.path(), "home", MemoryKeyStore::default())
}

async fn enrolled(dir: &tempfile::TempDir) -> (SoftwareAuthenticator, Created) {
    let authenticator = authenticator(dir);
    let created =
        authenticator.create(&new_passkey([1; 32]), &Person::typing(&[PIN])).await.unwrap();
    (authenticator, created)
}

#[tokio::test]
async fn a_site_accepts_the_registration_and_three_assertions() {
    let dir = tempfile::tempdir().unwrap();
    let (authenticator, created) = enrolled(&dir).await;
    let mut passkey = Site::new().register(&[1; 32], &created.registration).unwrap();
    assert_eq!(passkey.cred_id().as_slice(), created.credential_id);
    for turn in 1..=3u8 {
        let challenge = [10 + turn; 32];
        let asked = request(challenge, &created.credential_id);
        let asserted = authenticator.assert(&asked, &Person::typing(&[PIN])).await.unwrap();
        let result = Site::new().check(&mut passkey, &challenge, &asserted.assertion).unwrap();
        assert!(result.user_verified());
        assert_eq!(result.counter(), u32::from(turn));
        assert_eq!(
            Some(&asserted.prf),
            created.prf.as_ref(),
            "the PRF gives the same for the same input"
        );
    }
}

#[tokio::test]
async fn another_prf_input_gives_another_output() {
    let dir = tempfile::tempdir().unwrap();
    let (authenticator, created) = enrolled(&dir).await;
    let other = AssertionRequest { prf_input: [9; 32], ..request([2; 32], &created.credential_id) };
    let asserted = authenticator.assert(&other, &Person::typing(&[PIN])).await.unwrap();
    assert_ne!(Some(asserted.prf), created.prf);
}

#[tokio::test]
async fn what_is_sent_has_no_extension_results_and_nowhere_the_prf_output() {
    let dir = tempfile::tempdir().unwrap();
    let (authenticator, created) = enrolled(&dir).await;
    let asked = request([2; 32], &created.credential_id);
    let asserted = authenticator.assert(&asked, &Person::typing(&[PIN])).await.unwrap();
    let prf = asserted.prf.expose();
    for sent in [&created.registration, &asserted.assertion] {
        assert_eq!(sent["clientExtensionResults"], json!({}));
        assert!(!carries(sent, prf));
    }
    let mut leaky = asserted.assertion.clone();
    leaky["clientExtensionResults"] = json!({"prf": {"results": {"first": hex::encode(prf)}}});
    assert!(carries(&leaky, prf), "the search would find it");
}

#[tokio::test]
async fn a_site_refuses_what_was_made_for_another_challenge_origin_or_relying_party() {
    let dir = tempfile::tempdir().unwrap();
    let (authenticator, created) = enrolled(&dir).await;
    let site = Site::new();
    assert!(
        site.register(&[2; 32], &created.registration).is_err(),
        "challenge of another registration"
    );
    let elsewhere = Site::at("keepsake.example", "https://keepsake.example");
    assert!(
        elsewhere.register(&[1; 32], &created.registration).is_err(),
        "relying party and origin"
    );
    let other_origin = Site::at(RP_ID, "https://app.keepsake.invalid");
    assert!(other_origin.register(&[1; 32], &created.registration).is_err(), "origin");

    let mut passkey = site.register(&[1; 32], &created.registration).unwrap();
    let asked = request([3; 32], &created.credential_id);
    let first = authenticator.assert(&asked, &Person::typing(&[PIN])).await.unwrap().assertion;
    assert!(site.check(&mut passkey.clone(), &[4; 32], &first).is_err(), "challenge");
    assert!(elsewhere.check(&mut passkey.clone(), &[3; 32], &first).is_err(), "relying party");
    assert!(other_origin.check(&mut passkey.clone(), &[3; 32], &first).is_err(), "origin");
    let mut bent = first.clone();
    let signature = bent["response"]["signature"].as_str().unwrap();
    let swapped = if signature.as_bytes()[20] == b'A' { "B" } else { "A" };
    bent["response"]["signature"] =
        format!("{}{swapped}{}", &signature[..20], &signature[21..]).into();
    assert!(site.check(&mut passkey.clone(), &[3; 32], &bent).is_err(), "signature");

    site.check(&mut passkey, &[3; 32], &first).unwrap();
    assert!(
        site.check(&mut passkey.clone(), &[5; 32], &first).is_err(),
        "replay on a fresh challenge"
    );
    assert!(
        site.check(&mut passkey, &[3; 32], &first).is_err(),
        "replay on the same challenge: the counter"
    );
}

#[tokio::test]
async fn a_passkey_is_used_only_for_its_relying_party_and_origin() {
    let dir = tempfile::tempdir().unwrap();
    let (authenticator, created) = enrolled(&dir).await;
    let good = request([2; 32], &created.credential_id);
    let other = |rp: &str, origin: &str| AssertionRequest {
        rp_id: rp.into(),
        origin: origin.into(),
        ..good.clone()
    };
    let person = Person::typing(&[]);
    for (asked, expected) in [
        (other("example.com", "https://example.com"), "no passkey"),
        (other(RP_ID, "https://example.com"), "not supported"),
        (other(RP_ID, "http://keepsake.invalid"), "not supported"),
        (AssertionRequest { allowed: vec![vec![1; 16]], ..good.clone() }, "no passkey"),
        (AssertionRequest { allowed: vec![], ..good.clone() }, "no passkey"),
    ] {
        let refusal = authenticator.assert(&asked, &person).await.err().unwrap().to_string();
        assert!(refusal.starts_with(expected), "{refusal}");
    }
    assert!(person.asked.lock().unwrap().is_empty(), "nobody is asked for a PIN in vain");
}

#[tokio::test]
async fn passkeys_are_listed_renamed_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let authenticator = authenticator(&dir).with_clock(|| 1_764_000_000);
    assert_eq!(authenticator.list().await.unwrap(), []);
    let created =
        authenticator.create(&new_passkey([1; 32]), &Person::typing(&[PIN])).await.unwrap();
    let id = created.credential_id;
    authenticator.rename(&id, "Laptop").await.unwrap();
    authenticator.assert(&request([2; 32], &id), &Person::typing(&[PIN])).await.unwrap();
    let [kept] = &authenticator.list().await.unwrap()[..] else { panic!("one passkey") };
    assert_eq!(
        (kept.name.as_str(), kept.created, kept.last_used),
        ("Laptop", 1_764_000_000, Some(1_764_000_000))
    );

    let again = authenticator.create(&new_passkey([3; 32]), &Person::typing(&[PIN])).await;
    assert_eq!(again.err(), Some(PasskeyError::AlreadyThere));
    assert_eq!(authenticator.rename(&[0; 16], "x").await, Err(PasskeyError::NoPasskey));
    authenticator.remove(&id, &Person::typing(&[PIN])).await.unwrap();
    assert_eq!(authenticator.list().await.unwrap(), []);
    let gone = authenticator.assert(&request([4; 32], &id), &Person::typing(&[PIN])).await;
    assert_eq!(gone.err(), Some(PasskeyError::NoPasskey));
    // The PIN stays: a second passkey is not a way around it.
    let wrong = authenticator.create(&new_passkey([5; 32]), &Person::typing(&["000000"])).await;
    assert!(matches!(wrong.err(), Some(PasskeyError::WrongPin { tries_left: 9, .. })));
}

#[tokio::test]
async fn who_gives_up_loses_no_try() {
    let dir = tempfile::tempdir().unwrap();
    let (authenticator, created) = enrolled(&dir).await;
    let asked = request([2; 32], &created.credential_id);
    let person = Person::typing(&[]);
    assert_eq!(authenticator.assert(&asked, &person).await.err(), Some(PasskeyError::Cancelled));
    authenticator.assert(&asked, &person).await.err().unwrap();
    assert_eq!(person.asked.lock().unwrap()[1].tries_left, Some(TRIES));
}

#[test]
fn the_description_says_what_a_software_passkey_does_not_do() {
    let authenticator = SoftwareAuthenticator::new("unused", "home", MemoryKeyStore::default());
    let description = authenticator.description();
    assert_eq!(description.protection, Protection::Software);
    assert!(description.limit.contains("does not protect"));
    let _: &dyn Authenticator = &authenticator;
}
