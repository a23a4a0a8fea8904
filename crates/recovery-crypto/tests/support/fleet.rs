//! A bundle whose devices are keys in memory.

use rand_core::OsRng;
use recovery_crypto::{DeviceKey, SoftwareKey};
use vault_protocol::{BUNDLE_TYPE, Bundle, BundleId, Device, Evidence, FleetId, GuessPolicy, Site, SiteIndex};

pub struct TestSite {
    pub oprf: SoftwareKey,
    pub seal: SoftwareKey,
}

pub fn fleet(n: u8) -> (Bundle, Vec<TestSite>) {
    let key = || SoftwareKey::generate(&mut OsRng);
    let sites: Vec<TestSite> = (0..n).map(|_| TestSite { oprf: key(), seal: key() }).collect();
    let public = |(i, site): (usize, &TestSite)| Site {
        index: SiteIndex(u8::try_from(i).unwrap() + 1),
        region: format!("region-{i}"),
        endpoint: "https://site.example".into(),
        devices: vec![Device {
            serial: 1000,
            oprf_key: site.oprf.public(),
            seal_key: site.seal.public(),
            session_key: key().public(),
            receipt_key: key().public(),
        }],
    };
    let bundle = Bundle {
        kind: BUNDLE_TYPE.into(),
        namespace: "test".into(),
        fleet_id: FleetId([1; 16]),
        epoch: 1,
        threshold: n / 2 + 1,
        policy: GuessPolicy::Balanced,
        fleet_key: key().public(),
        sites: sites.iter().enumerate().map(public).collect(),
        not_before: 0,
        not_after: 1,
        previous: None,
        evidence: Evidence { digest: BundleId([0; 32]), url: String::new() },
        revoked_epochs: vec![],
        keys_since: None,
    };
    (bundle, sites)
}
