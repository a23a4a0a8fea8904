//! The unlock key, pinned and shown to need both halves.

#![allow(clippy::unwrap_used)]

use passkey_unlock::{PRF_INPUT, UnlockContext, unlock_key};
use proptest::prelude::*;
use sealed_keys::Secret;
use serde_json::Value;
use vault_protocol::{AccountId, KeysDigest};

fn context(byte: u8) -> UnlockContext {
    UnlockContext {
        keys: KeysDigest([byte; 32]),
        account: AccountId([byte; 16]),
        credential_id: vec![byte; 16],
    }
}

proptest! {
    #[test]
    fn without_the_prf_output_or_with_another_one_the_key_differs(
        released: [u8; 32], prf: [u8; 32], other: [u8; 32],
    ) {
        prop_assume!(prf != other && released != other);
        let key = unlock_key(&released, &Secret::new(prf), &context(1));
        prop_assert_eq!(&key, &unlock_key(&released, &Secret::new(prf), &context(1)));
        prop_assert_ne!(&key, &unlock_key(&released, &Secret::new(other), &context(1)));
        prop_assert_ne!(&key, &unlock_key(&other, &Secret::new(prf), &context(1)));
        prop_assert_ne!(&key, &unlock_key(&prf, &Secret::new(released), &context(1)), "the halves change places");
        prop_assert_ne!(key.expose(), &released);
        prop_assert_ne!(key.expose(), &prf);
    }

    #[test]
    fn a_key_belongs_to_one_set_of_keys_account_and_passkey(released: [u8; 32], prf: [u8; 32]) {
        let key = |context: UnlockContext| unlock_key(&released, &Secret::new(prf), &context);
        let whose = key(context(1));
        prop_assert_ne!(&whose, &key(UnlockContext { keys: KeysDigest([2; 32]), ..context(1) }));
        prop_assert_ne!(&whose, &key(UnlockContext { account: AccountId([2; 16]), ..context(1) }));
        prop_assert_ne!(&whose, &key(UnlockContext { credential_id: vec![2; 16], ..context(1) }));
    }
}

#[test]
fn vectors_are_pinned() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../spec/passkey-release.json")).unwrap();
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let keys = KeysDigest::from_slice(&bytes(&vectors["keys_digest"])).unwrap();
    let account = AccountId::from_slice(&bytes(&vectors["account"])).unwrap();
    assert_eq!(vectors["prf_input"], hex::encode(PRF_INPUT));
    let cases = vectors["unlock_keys"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let context = UnlockContext { keys, account, credential_id: bytes(&case["credential"]) };
        let released: [u8; 32] = bytes(&case["released"]).try_into().unwrap();
        let prf = Secret::from_slice(&bytes(&case["prf"])).unwrap();
        assert_eq!(
            case["unlock_key"],
            hex::encode(unlock_key(&released, &prf, &context).expose()),
            "{case}"
        );
    }
}
