//! A secret is dealt in boxes, released by t sites and rebuilt, while some of them lie.
#![allow(clippy::unwrap_used)]

mod support;

use rand_core::{OsRng, RngCore};
use recovery_crypto::passkey::{Dealt, PasskeyContext, Rebuilt, ReleasedShare, deal, rebuild};
use recovery_crypto::sealing::open_passkey_box;
use recovery_crypto::{DeviceKey, SoftwareKey};
use support::fleet::{TestFleet, sets};
use support::{array, bundle, bytes, list, passkey_vectors, site, vectors};
use vault_protocol::{AccountId, Bundle, KeysDigest, SealedBox, SiteIndex, passkey_box_info};
use zeroize::Zeroizing;

const ACCOUNT: AccountId = AccountId([9; 16]);
const CREDENTIAL: &[u8] = b"a credential";

struct Passkey {
    fleet: TestFleet,
    dealt: Dealt,
}

fn context(bundle: &Bundle) -> PasskeyContext<'_> {
    PasskeyContext { bundle, account: ACCOUNT, credential: CREDENTIAL }
}

impl Passkey {
    fn of(n: u8) -> Self {
        let fleet = TestFleet::new(n);
        let dealt = deal(&context(&fleet.bundle), &mut OsRng).unwrap();
        Self { fleet, dealt }
    }

    /// What an honest site does with a verified passkey.
    fn release(&self, site: u8) -> ReleasedShare {
        let sealed = &self.dealt.boxes[usize::from(site) - 1];
        let index = SiteIndex(site);
        assert_eq!(sealed.site, index);
        let keys = self.fleet.bundle.keys_digest();
        let info = passkey_box_info(&keys, &ACCOUNT, CREDENTIAL, index, sealed.serial);
        let key = &self.fleet.site(site).seal;
        let share = open_passkey_box(&sealed.sealed, &info, key).unwrap();
        ReleasedShare { site: index, share: Zeroizing::new(share.0) }
    }

    fn releases(&self, sites: &[u8]) -> Vec<ReleasedShare> {
        sites.iter().map(|site| self.release(*site)).collect()
    }

    fn rebuild(&self, shares: &[ReleasedShare]) -> Option<Rebuilt> {
        rebuild(&context(&self.fleet.bundle), &self.dealt.commitment, shares)
    }
}

#[test]
fn any_t_sites_rebuild_the_secret_and_fewer_do_not() {
    for n in [3, 5, 7] {
        let passkey = Passkey::of(n);
        for set in sets(n) {
            let rebuilt = passkey.rebuild(&passkey.releases(&set)).map(|r| r.secret);
            let enough = set.len() >= usize::from(passkey.fleet.bundle.threshold);
            assert_eq!(rebuilt, enough.then(|| passkey.dealt.secret.clone()), "{set:?} of {n}");
        }
    }
}

#[test]
fn up_to_n_minus_t_lying_sites_are_named_and_one_more_is_too_many() {
    for (n, liars) in [(3u8, 1u8), (5, 2), (7, 3)] {
        let passkey = Passkey::of(n);
        // The same bend at two sites could cancel out: shares are added.
        let lie = |s: &mut ReleasedShare| OsRng.fill_bytes(&mut *s.share);
        let mut shares = passkey.releases(&passkey.fleet.all());
        shares.iter_mut().take(liars.into()).for_each(lie);
        let rebuilt = passkey.rebuild(&shares).unwrap();
        assert_eq!(rebuilt.secret, passkey.dealt.secret);
        assert_eq!(rebuilt.liars, (1..=liars).map(SiteIndex).collect::<Vec<_>>());
        assert_eq!(rebuilt.used, (liars + 1..=n).map(SiteIndex).collect::<Vec<_>>());
        lie(&mut shares[usize::from(liars)]);
        assert!(passkey.rebuild(&shares).is_none());
    }
}

#[test]
fn lying_sites_that_agree_with_each_other_do_not_stand_in_the_way_of_t_honest_ones() {
    let ours = Passkey::of(5);
    let theirs = Passkey::of(5);
    let shares = [theirs.releases(&[1, 2]), ours.releases(&[3, 4, 5])].concat();
    let rebuilt = ours.rebuild(&shares).unwrap();
    assert_eq!(rebuilt.secret, ours.dealt.secret);
    assert_eq!(rebuilt.liars, [1, 2].map(SiteIndex));
    // Nor do t sites that agree on another secret stand in for it.
    assert!(ours.rebuild(&theirs.releases(&[1, 2, 3])).is_none());
}

#[test]
fn one_share_twice_is_one_share() {
    let passkey = Passkey::of(3);
    assert!(passkey.rebuild(&passkey.releases(&[2, 2, 2])).is_none());
    let rebuilt = passkey.rebuild(&passkey.releases(&[2, 2, 3])).unwrap();
    assert_eq!(rebuilt.used, [2, 3].map(SiteIndex));
}

#[test]
fn a_share_under_another_sites_name_is_worth_nothing() {
    let passkey = Passkey::of(3);
    for name in [0, 3, 4, 255] {
        let mut shares = passkey.releases(&[1, 2]);
        shares[0].site = SiteIndex(name);
        assert!(passkey.rebuild(&shares).is_none(), "site {name}");
    }
}

#[test]
fn what_was_dealt_for_other_keys_another_account_or_credential_is_not_rebuilt() {
    let passkey = Passkey::of(3);
    let shares = passkey.releases(&[1, 2, 3]);
    let here = context(&passkey.fleet.bundle);
    let mut other_keys = passkey.fleet.bundle.clone();
    other_keys.sites[2].devices[0].seal_key = SoftwareKey::generate(&mut OsRng).public();
    for elsewhere in [
        PasskeyContext { bundle: &other_keys, ..here },
        PasskeyContext { account: AccountId([8; 16]), ..here },
        PasskeyContext { credential: b"another", ..here },
    ] {
        assert!(rebuild(&elsewhere, &passkey.dealt.commitment, &shares).is_none());
    }
}

#[test]
fn every_deal_is_of_another_secret() {
    let fleet = TestFleet::new(3);
    let secret = || deal(&context(&fleet.bundle), &mut OsRng).unwrap().secret;
    assert_ne!(secret(), secret());
}

#[test]
fn shares_and_commitments_of_an_independent_program_are_rebuilt() {
    let vectors = passkey_vectors();
    let account = AccountId(array(&vectors["account"]));
    for case in list(&vectors["releases"]) {
        let bundle = bundle(case["fleet"].as_str().unwrap());
        let credential = bytes(&case["credential"]);
        let context = PasskeyContext { bundle: &bundle, account, credential: &credential };
        let share = |(share, site)| ReleasedShare {
            site: SiteIndex(site),
            share: Zeroizing::new(array(share)),
        };
        let shares: Vec<_> = list(&case["shares"]).iter().zip(1..).map(share).collect();
        let commitment = array(&case["commitment"]);
        for set in [&shares[..bundle.threshold.into()], &shares[1..], &shares] {
            let rebuilt = rebuild(&context, &commitment, set).unwrap();
            assert_eq!(*rebuilt.secret, array(&case["secret"]), "{}", case["what"]);
            assert!(rebuilt.liars.is_empty());
        }
    }
}

#[test]
fn boxes_of_an_independent_program_open() {
    let private = vectors();
    let private = list(&private["fleets"]["five"]["private_keys"]);
    let vectors = passkey_vectors();
    let keys = KeysDigest(array(&vectors["keys_digest"]));
    let account = AccountId(array(&vectors["account"]));
    for record in list(&vectors["records"]) {
        let credential = bytes(&record["credential"]);
        for case in list(&record["boxes"]) {
            let position = usize::from(site(case).0) - 1;
            let key = SoftwareKey::from_bytes(&array(&private[position]["seal_key"])).unwrap();
            let serial = case["serial"].as_u64().unwrap().try_into().unwrap();
            let info = passkey_box_info(&keys, &account, &credential, site(case), serial);
            let sealed = SealedBox(bytes(&case["sealed"]));
            let share = open_passkey_box(&sealed, &info, &key).unwrap();
            assert_eq!(share.0, array(&case["share"]), "{}", record["what"]);
        }
    }
}
