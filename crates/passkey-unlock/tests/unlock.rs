//! The unlock key, pinned and shown to need both halves.

#![allow(clippy::unwrap_used)]

use passkey_unlock::{PRF_INPUT, UnlockContext, unlock_key};
use proptest::prelude::*;
use sealed_keys::Secret;
use serde_json::Value;
use vault_protocol::{AccountId, FleetId, SiteIndex, passkey_challenge};

fn context(byte: u8) -> UnlockContext {
    UnlockContext { fleet: FleetId([byte; 16]), account: AccountId([byte; 16]), credential_id: vec![byte; 16] }
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
    fn a_key_belongs_to_one_fleet_account_and_passkey(released: [u8; 32], prf: [u8; 32]) {
        let key = |context: UnlockContext| unlock_key(&released, &Secret::new(prf), &context);
        let whose = key(context(1));
        prop_assert_ne!(&whose, &key(UnlockContext { fleet: FleetId([2; 16]), ..context(1) }));
        prop_assert_ne!(&whose, &key(UnlockContext { account: AccountId([2; 16]), ..context(1) }));
        prop_assert_ne!(&whose, &key(UnlockContext { credential_id: vec![2; 16], ..context(1) }));
    }

    #[test]
    fn a_challenge_changes_with_every_nonce_site_fleet_and_account(
        nonces in proptest::collection::vec(any::<[u8; 32]>(), 3..7), at in 0usize..3, bit in 0usize..256,
    ) {
        let sites: Vec<_> = (1u8..).map(SiteIndex).zip(nonces).collect();
        let challenge = |sites: &[_]| passkey_challenge(&FleetId([1; 16]), &AccountId([1; 16]), sites);
        let whole = challenge(&sites);
        let mut reversed = sites.clone();
        reversed.reverse();
        prop_assert_eq!(whole, challenge(&reversed));
        let mut bent = sites.clone();
        bent[at].1[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(whole, challenge(&bent));
        let mut renamed = sites.clone();
        renamed[at].0 = SiteIndex(99);
        prop_assert_ne!(whole, challenge(&renamed));
        prop_assert_ne!(whole, challenge(&sites[1..]));
        prop_assert_ne!(whole, passkey_challenge(&FleetId([2; 16]), &AccountId([1; 16]), &sites));
        prop_assert_ne!(whole, passkey_challenge(&FleetId([1; 16]), &AccountId([2; 16]), &sites));
    }
}

#[test]
fn vectors_are_pinned() {
    let vectors: Value = serde_json::from_str(include_str!("../../../spec/passkey-release.json")).unwrap();
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let (fleet, account) = (&vectors["fleet"], &vectors["account"]);
    let fleet = FleetId::from_slice(&bytes(fleet)).unwrap();
    let account = AccountId::from_slice(&bytes(account)).unwrap();
    assert_eq!(vectors["prf_input"], hex::encode(PRF_INPUT));
    for case in vectors["challenges"].as_array().unwrap() {
        let nonces: Vec<(SiteIndex, [u8; 32])> = case["nonces"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| (SiteIndex(n["site"].as_u64().unwrap() as u8), bytes(&n["nonce"]).try_into().unwrap()))
            .collect();
        assert_eq!(case["challenge"], hex::encode(passkey_challenge(&fleet, &account, &nonces)), "{case}");
    }
    for case in vectors["unlock_keys"].as_array().unwrap() {
        let context = UnlockContext { fleet, account, credential_id: bytes(&case["credential_id"]) };
        let released: [u8; 32] = bytes(&case["released"]).try_into().unwrap();
        let prf = Secret::from_slice(&bytes(&case["prf"])).unwrap();
        assert_eq!(case["unlock_key"], hex::encode(unlock_key(&released, &prf, &context).expose()), "{case}");
    }
}
