//! The bytes that go to a site for a registration and for a release: no extension results, and
//! nowhere the PRF output.

#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod support;

use key_mock::Model;
use passkey_unlock::*;
use sealed_keys::{MemoryKeyStore, Secret};
use serde_json::{Value, json};
use support::desk::{Desk, PIN};
use support::*;
use vault_protocol::{
    AccountId, Claim, KeysDigest, News, OwnerKey, PasskeyHead, PasskeyRecord, Request, Roster,
    Signature64, SignedRoster, SiteIndex, SiteNonce,
};

/// What was made and answered, and the PRF output that must stay.
async fn used(authenticator: &dyn Authenticator, pin: &str) -> (Created, Value, Secret<32>) {
    let created =
        authenticator.create(&new_passkey([1; 32]), &Person::typing(&[pin])).await.unwrap();
    let asked = request([2; 32], &created.credential_id);
    let asserted = authenticator.assert(&asked, &Person::typing(&[pin])).await.unwrap();
    (created, asserted.assertion, asserted.prf)
}

fn release(assertion: &Value) -> Vec<u8> {
    let nonces = (1..=3)
        .map(|i| SiteNonce { site: SiteIndex(i), nonce: [i; 32], handshake: [i; 32] })
        .collect();
    let assertion = serde_json::to_vec(assertion).unwrap();
    Request::Release { account: AccountId(ACCOUNT), nonces, assertion }.to_bytes()
}

fn registration(created: &Created) -> Vec<u8> {
    let head = PasskeyHead {
        account: AccountId(ACCOUNT),
        keys: KeysDigest([5; 32]),
        number: 1,
        credential: created.credential_id.clone(),
        commitment: [6; 32],
        registration: [7; 32],
        boxes: [8; 32],
    };
    let record = PasskeyRecord {
        head,
        nonces: vec![],
        registration: serde_json::to_vec(&created.registration).unwrap(),
        boxes: vec![],
    };
    let claim = Claim { owner: OwnerKey([3; 32]), nonce: [9; 16] };
    let roster = Roster { claim, number: 1, passkeys: vec![record.digest()] };
    let roster = Some(SignedRoster { roster, signature: Signature64([4; 64]) });
    let news = News { roster, ..News::default() };
    Request::SetRoster { news, added: Some(Box::new(record)), admission: None }.to_bytes()
}

/// The JSON that a site finds in a request's bytes.
fn json_in(bytes: &[u8]) -> Value {
    let json = match Request::from_bytes(bytes).unwrap() {
        Request::Release { assertion, .. } => assertion,
        Request::SetRoster { added: Some(record), .. } => record.registration,
        other => panic!("{other:?}"),
    };
    serde_json::from_slice(&json).unwrap()
}

/// Whether the secret is anywhere in a request: in its bytes, or in what its JSON encodes.
fn request_carries(bytes: &[u8], secret: &[u8; 32]) -> bool {
    let text = hex::encode(secret);
    let raw =
        bytes.windows(32).any(|w| w == secret) || bytes.windows(64).any(|w| w == text.as_bytes());
    raw || carries(&json_in(bytes), secret)
}

fn assert_clean(bytes: &[u8], prf: &Secret<32>) {
    assert!(!request_carries(bytes, prf.expose()));
    let json = json_in(bytes);
    assert_eq!(json["clientExtensionResults"], json!({}));
    assert_eq!(json.get("extensions"), None);
}

#[tokio::test]
async fn neither_kind_of_passkey_sends_extension_results_or_its_prf_output() {
    let dir = tempfile::tempdir().unwrap();
    let software = SoftwareAuthenticator::new(dir.path(), "home", MemoryKeyStore::default());
    let (old, modern) = (Desk::with(Model::OLD), Desk::with(Model::CURRENT));
    let all: [(&dyn Authenticator, _); 3] =
        [(&software, "271828"), (&old.key(), PIN), (&modern.key(), PIN)];
    for (authenticator, pin) in all {
        let (created, assertion, prf) = used(authenticator, pin).await;
        assert_clean(&registration(&created), &prf);
        assert_clean(&release(&assertion), &prf);
    }
}

#[tokio::test]
async fn the_search_would_find_it() {
    let desk = Desk::with(Model::CURRENT);
    let key = desk.key();
    let (_, assertion, prf) = used(&key, PIN).await;
    let base64 = |bytes: &[u8]| {
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
    };
    let inside = base64(&[&[1, 2], &prf.expose()[..], &[3]].concat());
    for leak in [json!(hex::encode(prf.expose())), json!(base64(prf.expose())), json!(inside)] {
        let mut leaky = assertion.clone();
        leaky["clientExtensionResults"] = json!({"prf": {"results": {"first": leak}}});
        assert!(request_carries(&release(&leaky), prf.expose()));
    }
}
