//! Who can sign tries.
#![allow(clippy::unwrap_used)]

mod support;

use ed25519_dalek::{Signature, VerifyingKey};
use recovery_crypto::{AccessSigner, CodeContext};
use support::{array, bundle, bytes, vectors};
use vault_protocol::{AccessKey, AccessOpening, AccountId, Signature64, Try};

fn context() -> CodeContext {
    let account = AccountId(array(&vectors()["account"]["account"]));
    CodeContext { keys: bundle("five").keys_digest(), account, version: 1 }
}

fn verifies(key: &AccessKey, message: &[u8], signature: &Signature64) -> bool {
    let key = VerifyingKey::from_bytes(&key.0).unwrap();
    key.verify_strict(message, &Signature::from_bytes(&signature.0)).is_ok()
}

#[test]
fn a_generated_codes_key_needs_the_code_and_the_header_both() {
    let of = |stretched: &[u8; 32], secret: &[u8; 32]| {
        AccessSigner::of_generated_code(&context(), stretched, secret).public()
    };
    let key = of(&[1; 32], &[2; 32]);
    assert_eq!(key, of(&[1; 32], &[2; 32]));
    assert_ne!(key, of(&[1; 32], &[3; 32]), "the sites have no header");
    assert_ne!(key, of(&[3; 32], &[2; 32]), "the store has no code");
    assert_ne!(key, of(&[2; 32], &[1; 32]), "the halves change places");
}

#[test]
fn a_generated_codes_key_is_of_one_fleet_account_and_version() {
    let of = |context: &CodeContext| {
        AccessSigner::of_generated_code(context, &[1; 32], &[2; 32]).public()
    };
    let key = of(&context());
    let mut others = [context(); 3];
    others[0].keys.0[0] ^= 1;
    others[1].account.0[0] ^= 1;
    others[2].version += 1;
    assert!(others.iter().all(|other| of(other) != key));
}

#[test]
fn what_it_signs_verifies_under_its_public_half_and_no_other() {
    let signer = AccessSigner::of_own_code(&[7; 32]);
    let signature = signer.sign(b"a try");
    assert!(verifies(&signer.public(), b"a try", &signature));
    assert!(!verifies(&signer.public(), b"another", &signature));
    let other = AccessSigner::of_own_code(&[8; 32]);
    assert!(!verifies(&other.public(), b"a try", &signature));
}

#[test]
fn a_signer_is_never_shown() {
    let shown = format!("{:?}", AccessSigner::of_own_code(&[7; 32]));
    assert_eq!(shown, "AccessSigner(…)");
}

#[test]
fn keys_commitment_and_signed_try_are_those_of_an_independent_program() {
    let vectors = vectors();
    let expected = &vectors["access"];
    let secret: [u8; 32] = array(&expected["header_secret"]);
    let stretched = bytes(&expected["stretched_code"]);
    let signer = AccessSigner::of_generated_code(&context(), &stretched, &secret);
    assert_eq!(expected["public"], signer.public().to_string());
    let own = AccessSigner::of_own_code(&secret).public();
    assert_eq!(expected["own_code_public"], own.to_string());
    let opening = AccessOpening { salt: array(&expected["salt"]), key: signer.public() };
    assert_eq!(expected["commitment"], opening.commitment().to_string());
    let tried: Try = postcard::from_bytes(&bytes(&vectors["try"]["postcard"])).unwrap();
    assert_eq!(signer.sign(&tried.message(&context().keys)), tried.signature);
}
