//! Sites that speak with each other, may be away, and may be started again on what they stored.

use super::world::{ManualClock, Seeded};
use async_trait::async_trait;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};
use vault_facts::FleetKeys;
use vault_protocol::{
    BUNDLE_TYPE, Bundle, BundleId, Evidence, FleetId, GuessPolicy, Point, SiteIndex,
};
use vault_server::accounts::MemoryStore;
use vault_server::site::ports::{PeerAnswer, PeerAway, PeerRequest, Peers, Randomness};
use vault_server::site::{Place, Ports, Site, SoftwareDevice};
use vault_server::webauthn;

pub(crate) const START: u64 = 1_800_000_000;

pub(crate) struct Fleet {
    pub bundle: Bundle,
    pub clocks: Vec<Arc<ManualClock>>,
    pub stores: Vec<MemoryStore>,
    devices: Vec<Arc<SoftwareDevice>>,
    randomness: Arc<dyn Randomness>,
    network: Arc<Network>,
}

/// Who is running, and who cannot be reached.
#[derive(Default)]
pub(super) struct Network {
    sites: OnceLock<Vec<Mutex<Option<Site<MemoryStore>>>>>,
    away: Mutex<BTreeSet<SiteIndex>>,
}

impl Fleet {
    pub(crate) async fn start(n: u8, policy: GuessPolicy) -> Self {
        let randomness: Arc<dyn Randomness> = Arc::new(Seeded::new(1));
        let device = |i| Arc::new(SoftwareDevice::generate(1000 + i, randomness.clone()));
        let devices: Vec<_> = (1..=u32::from(n)).map(device).collect();
        let network = Arc::new(Network::default());
        let empty = (0..n).map(|_| Mutex::new(None)).collect();
        assert!(network.sites.set(empty).is_ok());
        let fleet = Self {
            bundle: bundle(&devices, policy),
            clocks: (0..n).map(|_| Arc::new(ManualClock::at(START))).collect(),
            stores: (0..n).map(|_| MemoryStore::default()).collect(),
            devices,
            randomness,
            network,
        };
        for site in crate::people::Reach::sites(&fleet) {
            fleet.start_site(site).await;
        }
        fleet
    }

    /// Starts a site on what its store holds.
    pub(crate) async fn start_site(&self, site: u8) {
        let at = usize::from(site) - 1;
        let index = SiteIndex(site);
        let place = Place {
            index,
            serial: 1000 + u32::from(site),
            keys: FleetKeys::of(&self.bundle),
            bundles: vec![self.bundle.id()],
        };
        let ports = Ports {
            store: self.stores[at].clone(),
            device: self.devices[at].clone(),
            peers: Arc::new(Link { from: index, network: self.network.clone() }),
            clock: self.clocks[at].clone(),
            randomness: self.randomness.clone(),
            passkeys: webauthn::verifier(),
            ledger: None,
        };
        let started = Site::start(place, ports).await.unwrap();
        *self.network.slot(index).lock().unwrap() = Some(started);
    }

    /// Ends a site's program; its store stays.
    pub(crate) fn stop_site(&self, site: u8) {
        *self.network.slot(SiteIndex(site)).lock().unwrap() = None;
    }

    /// Ends a site's program and sets its store to what it was before.
    pub(crate) fn set_back(&mut self, site: u8, before: MemoryStore) {
        self.stop_site(site);
        self.stores[usize::from(site) - 1] = before;
    }

    /// Cuts sites off from everybody, clients too.
    pub(crate) fn cut_off(&self, sites: &[u8]) {
        *self.network.away.lock().unwrap() = sites.iter().map(|i| SiteIndex(*i)).collect();
    }

    /// A site, as a client reaches it.
    pub(crate) fn reach(&self, site: u8) -> Option<Site<MemoryStore>> {
        let index = SiteIndex(site);
        let away = self.network.away.lock().unwrap().contains(&index);
        if away { None } else { self.network.slot(index).lock().unwrap().clone() }
    }

    pub(crate) fn site(&self, site: u8) -> Site<MemoryStore> {
        self.reach(site).unwrap()
    }

    pub(crate) fn set_clocks(&self, now: u64) {
        self.clocks.iter().for_each(|clock| clock.set(now));
    }

    /// Lets everything that was begun come to an end.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

impl Network {
    fn slot(&self, site: SiteIndex) -> &Mutex<Option<Site<MemoryStore>>> {
        &self.sites.get().unwrap()[usize::from(site.0) - 1]
    }
}

/// One site's way to the others.
struct Link {
    from: SiteIndex,
    network: Arc<Network>,
}

#[async_trait]
impl Peers for Link {
    async fn ask(&self, site: SiteIndex, request: PeerRequest) -> Result<PeerAnswer, PeerAway> {
        let away = self.network.away.lock().unwrap().clone();
        let peer = self.network.slot(site).lock().unwrap().clone();
        match peer.filter(|_| !away.contains(&site) && !away.contains(&self.from)) {
            Some(peer) => Ok(peer.peer(request).await),
            None => Err(PeerAway { site, reason: "it is cut off".into() }),
        }
    }
}

fn bundle(devices: &[Arc<SoftwareDevice>], policy: GuessPolicy) -> Bundle {
    let sites = devices.iter().zip(1..).map(|(device, i)| vault_protocol::Site {
        index: SiteIndex(i),
        region: "test".into(),
        endpoint: "https://site.invalid".into(),
        devices: vec![device.in_bundle()],
    });
    Bundle {
        kind: BUNDLE_TYPE.into(),
        namespace: "test.keepsake".into(),
        fleet_id: FleetId([0xf1; 16]),
        epoch: 1,
        threshold: devices.len() as u8 / 2 + 1,
        policy,
        fleet_key: Point([4; 65]),
        sites: sites.collect(),
        not_before: 1,
        not_after: u64::from(u32::MAX),
        previous: None,
        evidence: Evidence { digest: BundleId([0; 32]), url: "https://evidence.invalid/".into() },
        revoked_epochs: vec![],
        keys_since: None,
    }
}
