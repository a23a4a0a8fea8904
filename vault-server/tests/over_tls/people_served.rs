//! The whole way of a person, over the network.

use crate::support::{Asks, Authenticator, Fleet, Person, Reach, code};
use recovery_crypto::oprf::blind;
use vault_protocol::{AUDIT_COUNTS_TYPE, Answer, CodeOrigin, Request};

#[tokio::test(flavor = "multi_thread")]
async fn with_two_sites_away_a_code_and_a_passkey_bring_their_secrets_back() {
    let mut fleet = Fleet::start(5).await;
    let person = Person::new(CodeOrigin::Own);
    let stored = person.register(&fleet, 1, &code("right")).await;
    assert!(stored.iter().all(Result::is_ok), "{stored:?}");
    let mut key = Authenticator::new();
    let (secret, _) = person.add_passkey(&fleet, 1, &[], &mut key).await.unwrap();
    fleet.stop(4).await;
    fleet.stop(5).await;
    let wrong = blind(&code("wrong"), &mut rand_core::OsRng).unwrap();
    let voted = person.certify(&fleet, 1, &wrong, &[1, 2, 3]).await;
    let voted = voted.unwrap_or_else(|e| panic!("{e:?}"));
    assert!(person.open(&fleet, &voted, &wrong, &[1, 2, 3]).await.is_err());
    person.recover(&fleet, &code("right"), 2, &[1, 2, 3]).await;
    let head = person.show(&fleet, 1).await.unwrap().passkeys[0].head.clone();
    let answers = person.release(&fleet, &mut key).await;
    let rebuilt = person.rebuilt(&fleet, &head.commitment, &key.credential, answers);
    assert_eq!(rebuilt, Some(secret));
    // Who was away finds out by itself.
    fleet.restart(4).await.unwrap();
    while person.show(&fleet, 4).await.unwrap().news.round_end.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_accounts_for_every_use_of_the_device() {
    let fleet = Fleet::start(3).await;
    let person = Person::new(CodeOrigin::Own);
    person.register(&fleet, 1, &code("right")).await;
    person.recover(&fleet, &code("right"), 1, &[1, 2, 3]).await;
    let api = fleet.api(1);
    api.ledger.drain().await.unwrap();
    let chain = fleet.http.get_json(1, "/v2/audit/evaluated").await;
    assert_eq!(chain["entries"].as_array().unwrap().len(), 1);
    assert_eq!(chain["entries"][0]["votes"].as_array().unwrap().len(), 2);
    let log = fleet.http.get_json(1, "/v2/audit/log?from=1").await;
    let entries: Vec<String> = serde_json::from_value(log["entries"].clone()).unwrap();
    let uses = entries.iter().filter(|entry| &entry[4..6] == "57" && &entry[14..18] == "0101");
    // Two evaluations towards the registration and one of the recovery, two entries each.
    assert_eq!(uses.count(), 6);
    let keys = fleet.http.get_json(1, "/v2/audit/vote-keys").await;
    assert_eq!(keys["entries"].as_array().unwrap().len(), 1);
    assert_eq!(keys["equivocations"], serde_json::json!([]));
    let health = fleet.health(1).await;
    assert_eq!((&health["serving"], &health["device"]["serial"]), (&true.into(), &1001.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_signed_at_the_start_and_kept_once_a_day() {
    let fleet = Fleet::start(3).await;
    let counts = loop {
        let answer = fleet.http.get(1, "/v2/audit/counts").await;
        if answer.status().is_success() {
            let published: serde_json::Value =
                serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            break published;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(counts["counts"]["type"], AUDIT_COUNTS_TYPE);
    assert_eq!(counts["counts"]["site"], 1);
    let counts: vault_server::audit::PublishedCounts = serde_json::from_value(counts).unwrap();
    let key = fleet.bundle.sites[0].device().unwrap().receipt_key;
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key.0).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&counts.signature.0).unwrap();
    let message = vault_protocol::audit_counts_message(&counts.counts);
    p256::ecdsa::signature::Verifier::verify(&key, &message, &signature).unwrap();
    while fleet.http.get_json(1, "/v2/audit/checkpoints").await["entries"] == serde_json::json!([])
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_version_is_told_so() {
    let fleet = Fleet::start(3).await;
    for path in ["/v1/session", "/v1/bundle", "/v1/health"] {
        let answer = fleet.http.get(1, path).await;
        assert_eq!(answer.status().as_u16(), 410, "{path}");
        assert!(answer.text().await.unwrap().contains("version 2"));
    }
    let mut client = fleet.open(1).await.unwrap();
    let account = Person::new(CodeOrigin::Own).account();
    let refused = client.ask(Request::Show { account }).await;
    assert_eq!(refused, Err(vault_protocol::Refusal::NoSuchAccount));
    let prove = client.ask(Request::Prove { nonce: [1; 32] }).await;
    assert!(!matches!(prove, Ok(Answer::Proof(_))));
}
