//! A bundle whose devices are keys in memory, and what an honest site does with a try.

use rand_core::OsRng;
use recovery_crypto::{
    DeviceKey, Registered, Registration, RegistrationError, ShareAnswer, SoftwareKey, multiplier,
    oprf, sealing,
};
use vault_protocol::{
    AccessKey, BUNDLE_TYPE, Bundle, BundleId, Claim, CodeOrigin, CodeParameters, Device, Evidence,
    FleetId, GuessPolicy, OwnerKey, Point, Policy, Site, SiteIndex, box_info, box_of,
};

pub(crate) const CLAIM: Claim = Claim { owner: OwnerKey([9; 32]), nonce: [8; 16] };

pub(crate) struct TestSite {
    pub oprf: SoftwareKey,
    pub seal: SoftwareKey,
}

/// A fleet of n sites with one device each; their serials are 1001, 1002, …
pub(crate) struct TestFleet {
    pub bundle: Bundle,
    pub sites: Vec<TestSite>,
}

impl TestFleet {
    pub(crate) fn new(n: u8) -> Self {
        let key = || SoftwareKey::generate(&mut OsRng);
        let sites: Vec<_> = (0..n).map(|_| TestSite { oprf: key(), seal: key() }).collect();
        let public = |(site, index): (&TestSite, u8)| Site {
            index: SiteIndex(index),
            region: format!("region-{index}"),
            endpoint: format!("https://site{index}.example"),
            devices: vec![Device {
                serial: 1000 + u32::from(index),
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
            sites: sites.iter().zip(1..).map(public).collect(),
            not_before: 0,
            not_after: 1,
            previous: None,
            evidence: Evidence { digest: BundleId([0; 32]), url: String::new() },
            revoked_epochs: vec![],
            keys_since: None,
        };
        Self { bundle, sites }
    }

    pub(crate) fn site(&self, index: u8) -> &TestSite {
        &self.sites[usize::from(index) - 1]
    }

    pub(crate) fn all(&self) -> Vec<u8> {
        (1..).take(self.sites.len()).collect()
    }

    /// Registers `code` while the sites `up` are there.
    pub(crate) fn register(&self, code: &[u8], up: &[u8]) -> Result<Registered, RegistrationError> {
        let blinded = oprf::blind(code, &mut OsRng).unwrap();
        let evaluate = |i: &u8| {
            (SiteIndex(*i), oprf::evaluate(&self.site(*i).oprf, &blinded.alpha()).unwrap())
        };
        let betas: Vec<_> = up.iter().map(evaluate).collect();
        registration(&self.bundle).seal(&blinded, &betas, &mut OsRng)
    }

    /// What an honest site does with a certified try.
    pub(crate) fn answer(&self, registered: &Registered, site: u8, alpha: &Point) -> ShareAnswer {
        let index = SiteIndex(site);
        let serial = self.bundle.site(index).unwrap().device().unwrap().serial;
        let record = &registered.record;
        let info = box_info(&record.keys, &record.account(), record.version, index, serial);
        let sealed = box_of(&registered.sealed.boxes, index, serial).unwrap();
        let contents = sealing::open_box(sealed, &info, &self.site(site).seal).unwrap();
        let evaluated = oprf::evaluate(&self.site(site).oprf, alpha).unwrap();
        let beta = oprf::multiply(&multiplier(&contents.tag), &evaluated).unwrap();
        ShareAnswer { site: index, beta, masked_share: contents.masked_share }
    }

    pub(crate) fn answers(
        &self,
        registered: &Registered,
        up: &[u8],
        alpha: &Point,
    ) -> Vec<ShareAnswer> {
        up.iter().map(|site| self.answer(registered, *site, alpha)).collect()
    }
}

pub(crate) fn registration(bundle: &Bundle) -> Registration<'_> {
    Registration {
        bundle,
        claim: CLAIM,
        version: 1,
        access: AccessKey([0; 32]),
        parameters: CodeParameters { memory_kib: 8, passes: 1, lanes: 1 },
        policy: Policy::of(CodeOrigin::Generated),
    }
}

/// All sets of sites of 1..=n.
pub(crate) fn sets(n: u8) -> impl Iterator<Item = Vec<u8>> {
    (0u32..1 << n).map(move |mask| (1..=n).filter(|i| mask & (1 << (i - 1)) != 0).collect())
}
