//! The unlock key comes from the honest shares of t sites together with the passkey's PRF output,
//! and from nothing less.
#![allow(clippy::unwrap_used)]

use passkey_unlock::{UnlockContext, unlock_key};
use proptest::prelude::*;
use proptest::sample::Index;
use rand_core::OsRng;
use recovery_crypto::passkey::{Dealt, PasskeyContext, ReleasedShare, deal, rebuild};
use recovery_crypto::sealing::open_passkey_box;
use recovery_crypto::{DeviceKey, SoftwareKey};
use sealed_keys::Secret;
use vault_protocol::{
    AccountId, BUNDLE_TYPE, Bundle, BundleId, Device, DeviceBox, Evidence, FleetId, GuessPolicy,
    Site, SiteIndex, passkey_box_info,
};
use vsss_rs::Gf256;
use zeroize::Zeroizing;

const ACCOUNT: AccountId = AccountId([9; 16]);
const CREDENTIAL: &[u8] = b"a credential";

/// Seal keys of n sites, and a bundle that names them.
fn fleet(n: u8) -> (Bundle, Vec<SoftwareKey>) {
    let keys: Vec<_> = (0..n).map(|_| SoftwareKey::generate(&mut OsRng)).collect();
    let site = |(i, key): (usize, &SoftwareKey)| Site {
        index: SiteIndex(i as u8 + 1),
        region: String::new(),
        endpoint: String::new(),
        devices: vec![Device {
            serial: 1,
            oprf_key: key.public(),
            seal_key: key.public(),
            session_key: key.public(),
            receipt_key: key.public(),
        }],
    };
    let bundle = Bundle {
        kind: BUNDLE_TYPE.into(),
        namespace: "test".into(),
        fleet_id: FleetId([1; 16]),
        epoch: 1,
        threshold: n / 2 + 1,
        policy: GuessPolicy::Balanced,
        fleet_key: keys[0].public(),
        sites: keys.iter().enumerate().map(site).collect(),
        not_before: 0,
        not_after: 1,
        previous: None,
        evidence: Evidence { digest: BundleId([0; 32]), url: String::new() },
        revoked_epochs: vec![],
        keys_since: None,
    };
    (bundle, keys)
}

/// A secret and the shares that all sites would release of it.
fn dealt(bundle: &Bundle, keys: &[SoftwareKey]) -> (Dealt, Vec<ReleasedShare>) {
    let dealt = deal(&context(bundle), &mut OsRng).unwrap();
    let digest = bundle.keys_digest();
    let open = |(key, its): (&SoftwareKey, &DeviceBox)| {
        let info = passkey_box_info(&digest, &ACCOUNT, CREDENTIAL, its.site, its.serial);
        let share = open_passkey_box(&its.sealed, &info, key).unwrap();
        ReleasedShare { site: its.site, share: Zeroizing::new(share.0) }
    };
    let shares = keys.iter().zip(&dealt.boxes).map(open).collect();
    (dealt, shares)
}

fn context(bundle: &Bundle) -> PasskeyContext<'_> {
    PasskeyContext { bundle, account: ACCOUNT, credential: CREDENTIAL }
}

fn key(bundle: &Bundle, released: &[u8; 32], prf: [u8; 32]) -> Secret<32> {
    let credential_id = CREDENTIAL.to_vec();
    let keys = bundle.keys_digest();
    unlock_key(
        released,
        &Secret::new(prf),
        &UnlockContext { keys, account: ACCOUNT, credential_id },
    )
}

/// Whatever these shares add up to, by somebody who does not care about commitments.
fn combined(shares: &[ReleasedShare]) -> Option<[u8; 32]> {
    let numbered: Vec<Vec<u8>> =
        shares.iter().map(|s| [&[s.site.0], &s.share[..]].concat()).collect();
    Gf256::combine_array(&numbered).ok()?.try_into().ok()
}

/// A fleet's size, and an order in which its sites are asked.
fn any_fleet() -> impl Strategy<Value = (u8, Vec<usize>)> {
    prop_oneof![Just(3u8), Just(5), Just(7)]
        .prop_flat_map(|n| (Just(n), Just((0..usize::from(n)).collect::<Vec<_>>()).prop_shuffle()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn t_honest_shares_and_the_prf_output_give_the_key_and_anything_less_another_one(
        (n, order) in any_fleet(), prf: [u8; 32], other_prf: [u8; 32], fewer: Index, at: Index, bend in 1u8..,
    ) {
        prop_assume!(prf != other_prf);
        let (bundle, keys) = fleet(n);
        let threshold = usize::from(bundle.threshold);
        let (dealt_here, shares) = dealt(&bundle, &keys);
        let secret = *dealt_here.secret;
        let rebuild = |shares: &[ReleasedShare]| rebuild(&context(&bundle), &dealt_here.commitment, shares);
        let right = key(&bundle, &secret, prf);
        let honest: Vec<_> = order[..threshold].iter().map(|i| shares[*i].clone()).collect();

        let rebuilt = rebuild(&honest).unwrap().secret;
        prop_assert_eq!(&key(&bundle, &rebuilt, prf), &right);
        prop_assert_eq!(combined(&honest), Some(secret));
        for wrong in [other_prf, [0; 32], secret, *honest[0].share] {
            prop_assert_ne!(&key(&bundle, &secret, wrong), &right, "without the PRF output");
        }

        let fewer = &honest[..fewer.index(threshold)];
        let mut bent = honest.clone();
        bent[at.index(threshold)].share[at.index(32)] ^= bend;
        let mut mixed = honest.clone();
        mixed[at.index(threshold)] = dealt(&bundle, &keys).1[order[at.index(threshold)]].clone();
        let mut renamed = honest.clone();
        renamed[at.index(threshold)].site = SiteIndex(n + 1);
        for shares in [fewer, &bent, &mixed, &renamed] {
            prop_assert!(rebuild(shares).is_none());
            let wrong = combined(shares).map(|secret| key(&bundle, &secret, prf));
            prop_assert_ne!(wrong.as_ref(), Some(&right));
        }
    }
}
