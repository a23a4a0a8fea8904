//! A secret is dealt in boxes, released by t sites and rebuilt, while some of them lie.
#![allow(clippy::unwrap_used)]

#[path = "support/fleet.rs"]
#[allow(dead_code)]
mod support;

use rand_core::{OsRng, RngCore};
use recovery_crypto::passkey::{PasskeyContext, ReleasedSecret, ReleasedShare, deal, rebuild};
use recovery_crypto::sealing::{SealError, open_passkey_box};
use support::{TestSite, fleet};
use vault_protocol::{AccountId, Bundle, FleetId, SealedBox, SiteIndex, passkey_box_info};
use zeroize::Zeroizing;

const ACCOUNT: AccountId = AccountId([9; 16]);
const CREDENTIAL: &[u8] = b"a credential";

struct Dealt {
    bundle: Bundle,
    sites: Vec<TestSite>,
    secret: ReleasedSecret,
    boxes: Vec<SealedBox>,
}

fn dealt(n: u8) -> Dealt {
    let (bundle, sites) = fleet(n);
    let (secret, boxes) = deal(&context(&bundle), &mut OsRng).unwrap();
    Dealt { bundle, sites, secret, boxes }
}

fn context(bundle: &Bundle) -> PasskeyContext<'_> {
    PasskeyContext { bundle, account: ACCOUNT, credential: CREDENTIAL }
}

impl Dealt {
    /// What an honest site does with a verified passkey.
    fn release(&self, site: u8) -> ReleasedShare {
        let (index, position) = (SiteIndex(site), usize::from(site) - 1);
        let info = passkey_box_info(&self.bundle.fleet_id, self.bundle.epoch, &ACCOUNT, CREDENTIAL, index);
        let contents = open_passkey_box(&self.boxes[position], &info, &self.sites[position].seal).unwrap();
        ReleasedShare { site: index, share: Zeroizing::new(contents.share), commitment: contents.commitment }
    }

    fn releases(&self, sites: &[u8]) -> Vec<ReleasedShare> {
        sites.iter().map(|site| self.release(*site)).collect()
    }

    fn rebuild(&self, shares: &[ReleasedShare]) -> Option<(ReleasedSecret, Vec<SiteIndex>)> {
        rebuild(&context(&self.bundle), shares)
    }
}

/// All sets of sites of 1..=n.
fn sets(n: u8) -> impl Iterator<Item = Vec<u8>> {
    (0u32..1 << n).map(move |mask| (1..=n).filter(|site| mask & (1 << (site - 1)) != 0).collect())
}

#[test]
fn any_t_sites_rebuild_the_secret_and_fewer_do_not() {
    for n in [3, 5, 7] {
        let dealt = dealt(n);
        for set in sets(n) {
            let rebuilt = dealt.rebuild(&dealt.releases(&set)).map(|(secret, _)| secret);
            let enough = set.len() >= usize::from(dealt.bundle.threshold);
            assert_eq!(rebuilt, enough.then(|| dealt.secret.clone()), "{set:?} of {n}");
        }
    }
}

#[test]
fn up_to_n_minus_t_lying_sites_are_worked_around_and_one_more_is_not() {
    for (n, liars) in [(3u8, 1u8), (5, 2), (7, 3)] {
        let dealt = dealt(n);
        let all: Vec<u8> = (1..=n).collect();
        type Lie = fn(&mut ReleasedShare);
        // The same bend at two sites may cancel out: shares are added.
        let lies: [Lie; 2] = [|s| OsRng.fill_bytes(&mut *s.share), |s| s.commitment[0] ^= 1];
        for lie in lies {
            let mut shares = dealt.releases(&all);
            shares.iter_mut().take(liars.into()).for_each(lie);
            let (secret, used) = dealt.rebuild(&shares).unwrap();
            assert_eq!(secret, dealt.secret);
            assert!(used.iter().all(|site| site.0 > liars), "{used:?}");
            lie(&mut shares[usize::from(liars)]);
            assert_eq!(dealt.rebuild(&shares), None);
        }
    }
}

#[test]
fn lying_sites_that_agree_with_each_other_do_not_stand_in_the_way_of_t_honest_ones() {
    let (ours, theirs) = (dealt(5), dealt(5));
    let shares = [theirs.releases(&[1, 2]), ours.releases(&[3, 4, 5])].concat();
    let (secret, used) = ours.rebuild(&shares).unwrap();
    assert_eq!((secret, used), (ours.secret.clone(), vec![SiteIndex(3), SiteIndex(4), SiteIndex(5)]));
}

#[test]
fn one_share_twice_is_one_share() {
    let dealt = dealt(3);
    assert_eq!(dealt.rebuild(&dealt.releases(&[2, 2, 2])), None);
    assert_eq!(dealt.rebuild(&dealt.releases(&[2, 2, 3])).unwrap().0, dealt.secret);
}

#[test]
fn a_share_under_another_sites_name_is_worth_nothing() {
    let dealt = dealt(3);
    let mut shares = dealt.releases(&[1, 2]);
    shares[0].site = SiteIndex(3);
    assert_eq!(dealt.rebuild(&shares), None);
}

#[test]
fn what_was_dealt_for_another_fleet_epoch_account_or_credential_is_not_rebuilt() {
    let dealt = dealt(3);
    let shares = dealt.releases(&[1, 2, 3]);
    let (mut other_fleet, mut other_epoch) = (dealt.bundle.clone(), dealt.bundle.clone());
    other_fleet.fleet_id = FleetId([2; 16]);
    other_epoch.epoch = 2;
    for context in [
        PasskeyContext { bundle: &other_fleet, ..context(&dealt.bundle) },
        PasskeyContext { bundle: &other_epoch, ..context(&dealt.bundle) },
        PasskeyContext { account: AccountId([8; 16]), ..context(&dealt.bundle) },
        PasskeyContext { credential: b"another", ..context(&dealt.bundle) },
    ] {
        assert_eq!(rebuild(&context, &shares), None);
    }
}

#[test]
fn a_box_opens_only_at_its_site_and_for_its_fleet_epoch_account_and_credential() {
    let dealt = dealt(3);
    let (fleet, epoch, site) = (dealt.bundle.fleet_id, dealt.bundle.epoch, SiteIndex(1));
    let open = |info: Vec<u8>, at: usize| open_passkey_box(&dealt.boxes[0], &info, &dealt.sites[at].seal).map(|_| ());
    let here = passkey_box_info(&fleet, epoch, &ACCOUNT, CREDENTIAL, site);
    assert_eq!(open(here.clone(), 0), Ok(()));
    assert_eq!(open(here, 1), Err(SealError::DoesNotOpen), "another site's device");
    for elsewhere in [
        passkey_box_info(&fleet, epoch, &ACCOUNT, CREDENTIAL, SiteIndex(2)),
        passkey_box_info(&FleetId([2; 16]), epoch, &ACCOUNT, CREDENTIAL, site),
        passkey_box_info(&fleet, epoch + 1, &ACCOUNT, CREDENTIAL, site),
        passkey_box_info(&fleet, epoch, &AccountId([8; 16]), CREDENTIAL, site),
        passkey_box_info(&fleet, epoch, &ACCOUNT, b"another", site),
    ] {
        assert_eq!(open(elsewhere, 0), Err(SealError::DoesNotOpen));
    }
    assert!(dealt.boxes.iter().all(|b| b.0.len() == 145), "65 + 64 + 16 bytes");
}

#[test]
fn every_deal_is_of_another_secret() {
    let (bundle, _) = fleet(3);
    let secret = || deal(&context(&bundle), &mut OsRng).unwrap().0;
    assert_ne!(secret(), secret());
}

#[test]
fn shares_and_commitments_of_an_independent_program_are_rebuilt() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../../../spec/passkey-release.json")).unwrap();
    let array =
        |value: &serde_json::Value| -> [u8; 32] { hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap() };
    let sixteen = |name: &str| hex::decode(vectors[name].as_str().unwrap()).unwrap().try_into().unwrap();
    for case in vectors["releases"].as_array().unwrap() {
        let shares = case["shares"].as_array().unwrap();
        let (mut bundle, _) = fleet(shares.len() as u8);
        bundle.fleet_id = FleetId(sixteen("fleet"));
        bundle.epoch = case["epoch"].as_u64().unwrap();
        let credential = hex::decode(case["credential"].as_str().unwrap()).unwrap();
        let context =
            PasskeyContext { bundle: &bundle, account: AccountId(sixteen("account")), credential: &credential };
        let released = |(share, site): (&serde_json::Value, u8)| ReleasedShare {
            site: SiteIndex(site),
            share: Zeroizing::new(array(share)),
            commitment: array(&case["commitment"]),
        };
        let shares: Vec<_> = shares.iter().zip(1..).map(released).collect();
        for set in [&shares[..bundle.threshold.into()], &shares[1..]] {
            assert_eq!(*rebuild(&context, set).unwrap().0, array(&case["secret"]), "{}", case["what"]);
        }
    }
}
