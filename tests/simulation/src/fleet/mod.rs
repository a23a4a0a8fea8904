//! A whole fleet in one process: real sites over simulated disks, devices, clocks and a network.

mod seat;
mod transport;

pub use transport::SimulatedTransport;

use crate::clock::SimulatedClock;
use crate::corrupt::{Corrupt, CorruptSite, Holdings, Trick};
use crate::device::SimulatedDevice;
use crate::dice::Dice;
use crate::disk::{Disk, Life, MountedDisk};
use crate::front::{Front, Honest};
use crate::history::History;
use crate::network::{Network, Weather};
use crate::passkeys::SimulatedVerifier;
use crate::published::Publisher;
use fleet_evidence::{Trust, VerifiedBundle};
use seat::{Link, Seat};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use vault_client::{Ports, Post, Reply, TokioTimer};
use vault_facts::FleetKeys;
use vault_protocol::{AccountId, Bundle, BundleId, EvaluatedTry, GuessPolicy, SiteIndex};
use vault_server::accounts::{AccountStore, MemoryStore};
use vault_server::site::{Place, Site};
use vault_state::{PasskeyVerifier, SiteAccount};

/// What kind of fleet.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub sites: u8,
    pub policy: GuessPolicy,
    pub weather: Weather,
    /// Each site looks at what is due, and asks the others for what changed, so often.
    pub upkeep: Duration,
}

impl Plan {
    /// Five sites, balanced, in fair weather.
    pub fn fair(seed: u64) -> Self {
        let upkeep = Duration::from_secs(5);
        Self { seed, sites: 5, policy: GuessPolicy::Balanced, weather: Weather::FAIR, upkeep }
    }
}

/// What a site's door does before the site sees a request: `Some` is its answer.
pub type Door = Arc<dyn Fn(&Post) -> Option<Reply> + Send + Sync>;

/// A running fleet. Clones share it. It needs a tokio runtime of one thread; with paused time it
/// goes as fast as its work is done, and the same way each time.
#[derive(Clone)]
pub struct Fleet(Arc<Running>);

struct Running {
    plan: Plan,
    publisher: Publisher,
    passkeys: Arc<dyn PasskeyVerifier>,
    /// Newest first; all with the same keys.
    bundles: Mutex<Vec<VerifiedBundle>>,
    seats: Vec<Seat>,
    network: Network,
    history: History,
}

impl Fleet {
    /// Starts all its sites, which read simulated passkeys.
    pub async fn start(plan: Plan) -> Self {
        Self::start_reading(plan, Arc::new(SimulatedVerifier)).await
    }

    /// Starts all its sites, with another reading of passkeys.
    pub async fn start_reading(plan: Plan, passkeys: Arc<dyn PasskeyVerifier>) -> Self {
        let started = Instant::now();
        let dice = |user: &str| Dice::new(plan.seed, user);
        let publisher = Publisher::new(&dice("publisher"));
        let seats: Vec<_> =
            (1..=plan.sites).map(|i| Seat::empty(SiteIndex(i), plan.seed, started)).collect();
        let devices: Vec<_> = seats.iter().map(|seat| seat.device.in_bundle()).collect();
        let bundles = publisher.publish(&[publisher.first_bundle(&devices, plan.policy)]);
        let network = Network::new(dice("network"), plan.weather);
        let history = History::begin(started);
        let bundles = Mutex::new(bundles);
        let running = Running { plan, publisher, passkeys, bundles, seats, network, history };
        let fleet = Self(Arc::new(running));
        for site in fleet.sites() {
            fleet.start_site(site).await;
        }
        fleet
    }

    /// The trust document that its bundles are verified with.
    pub fn trust(&self) -> Trust {
        self.0.publisher.trust()
    }

    pub fn plan(&self) -> Plan {
        self.0.plan
    }

    pub fn sites(&self) -> impl Iterator<Item = SiteIndex> + use<> {
        (1..=self.0.plan.sites).map(SiteIndex)
    }

    pub fn network(&self) -> &Network {
        &self.0.network
    }

    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// The newest bundle that was published.
    pub fn bundle(&self) -> Bundle {
        self.bundles()[0].bundle().clone()
    }

    pub fn keys(&self) -> FleetKeys {
        FleetKeys::of(&self.bundle())
    }

    /// Newest first.
    pub fn bundles(&self) -> Vec<VerifiedBundle> {
        self.0.bundles.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Publishes a bundle of the next epoch, with the same devices and keys. Sites serve it beside
    /// the one before from their next start on, or from [`Fleet::serve_newest`] on.
    pub fn publish_next(&self) {
        let mut bundles: Vec<_> = self.bundles().iter().map(|b| b.bundle().clone()).collect();
        bundles.reverse();
        let next = bundles.last().map(|newest| self.0.publisher.next_bundle(newest));
        bundles.extend(next);
        let mut verified = self.0.publisher.publish(&bundles);
        verified.reverse();
        *self.0.bundles.lock().unwrap_or_else(PoisonError::into_inner) = verified;
    }

    /// A client's way to the fleet, with every bundle that was published. Each client has an
    /// address of its own, and chance of its own.
    pub fn client(&self, client: u8) -> vault_client::Fleet {
        let bundles = self.bundles();
        vault_client::Fleet::new(&bundles[0], &bundles[1..], self.ports(client))
    }

    /// What such a client is made of.
    pub fn ports(&self, client: u8) -> Ports {
        let dice = Dice::new(self.0.plan.seed, &format!("client {client}"));
        Ports {
            transport: Arc::new(self.transport(client)),
            timer: Arc::new(TokioTimer::start()),
            randomness: Arc::new(dice),
        }
    }

    pub fn transport(&self, client: u8) -> SimulatedTransport {
        SimulatedTransport::new(self.clone(), client)
    }
}

/// What happens to sites.
impl Fleet {
    /// Starts a site on what its disk holds. It asks the others at once for what it missed.
    pub async fn start_site(&self, index: SiteIndex) {
        let seat = self.seat(index);
        let life = Life::default();
        let disk = seat.disk().mount(life.clone());
        let bundles: Vec<_> = self.bundles().iter().map(VerifiedBundle::id).collect();
        let site = self.site_on(index, disk, bundles.clone()).await;
        let trick = seat.trick();
        let honest = Arc::new(Honest { site: site.clone(), bundles });
        let front: Arc<dyn Front> = match trick {
            None => honest,
            Some(trick) => Arc::new(Corrupt::new(self.corrupt_site(index, honest).await, trick)),
        };
        seat.run(front, life.clone());
        self.0.history.note(format_args!("site {index} starts"));
        tokio::spawn(upkeep(site, life, self.0.plan.upkeep));
    }

    /// Ends a site's program wherever it is.
    pub fn kill_site(&self, index: SiteIndex) {
        self.seat(index).kill();
        self.0.history.note(format_args!("site {index} is killed"));
    }

    /// A copy of a site's disk, to be set back to later.
    pub fn copy_of_disk(&self, index: SiteIndex) -> MemoryStore {
        self.seat(index).disk().store().copy()
    }

    /// Kills a site, and starts it again on an older disk.
    pub async fn set_back(&self, index: SiteIndex, before: &MemoryStore) {
        self.kill_site(index);
        self.seat(index).with_disk(|disk| disk.set_back(before));
        self.0.history.note(format_args!("site {index} is set back"));
        self.start_site(index).await;
    }

    /// From now on this site is not honest, or honest again.
    pub async fn corrupt(&self, index: SiteIndex, trick: Option<Arc<dyn Trick>>) {
        self.kill_site(index);
        self.seat(index).set_trick(trick);
        self.start_site(index).await;
    }

    /// It takes connections and answers nothing, or answers again.
    pub fn hang(&self, index: SiteIndex, hung: bool) {
        self.seat(index).hang(hung);
        self.0.history.note(format_args!("site {index} hangs: {hung}"));
    }

    pub fn set_door(&self, index: SiteIndex, door: Option<Door>) {
        self.seat(index).set_door(door);
    }

    pub fn clock(&self, index: SiteIndex) -> &SimulatedClock {
        &self.seat(index).clock
    }

    pub fn device(&self, index: SiteIndex) -> &Arc<SimulatedDevice> {
        &self.seat(index).device
    }

    /// Chance of this site.
    pub fn randomness(&self, index: SiteIndex) -> Arc<dyn vault_server::site::ports::Randomness> {
        self.seat(index).randomness.clone()
    }

    /// What a disk of this site does from its next start on.
    pub fn with_disk(&self, index: SiteIndex, change: impl FnOnce(&mut Disk)) {
        self.seat(index).with_disk(change);
    }

    /// What a site has stored of an account, as nobody but the simulation can see.
    pub async fn stored(&self, index: SiteIndex, account: AccountId) -> Option<SiteAccount> {
        let store = self.seat(index).disk().store().clone();
        store.read(account).await.ok().flatten()
    }

    /// Tries that a site wrote down before it evaluated them.
    pub async fn evaluated(&self, index: SiteIndex) -> Vec<EvaluatedTry> {
        let store = self.seat(index).disk().store().clone();
        store.evaluated(1, u32::MAX).await.unwrap_or_default()
    }

    pub fn is_running(&self, index: SiteIndex) -> bool {
        self.seat(index).program().is_some()
    }

    /// Whether anybody changed this site's behaviour.
    pub fn is_corrupt(&self, index: SiteIndex) -> bool {
        self.seat(index).trick().is_some()
    }

    fn seat(&self, index: SiteIndex) -> &Seat {
        &self.0.seats[usize::from(index.0) - 1]
    }

    async fn corrupt_site(
        &self,
        index: SiteIndex,
        honest: Arc<Honest<MountedDisk>>,
    ) -> CorruptSite {
        let device = self.device(index).clone();
        let has = Holdings {
            index,
            keys: self.keys(),
            started: honest.site.certificate().started,
            session_key: device.in_bundle().session_key,
            bundles: honest.bundles.clone(),
            program: honest,
            device,
            randomness: self.randomness(index),
        };
        CorruptSite::new(has).await.expect("a simulated device signs")
    }

    async fn site_on(
        &self,
        index: SiteIndex,
        store: MountedDisk,
        bundles: Vec<BundleId>,
    ) -> Site<MountedDisk> {
        let seat = self.seat(index);
        let place = Place { index, serial: seat.serial(), keys: self.keys(), bundles };
        let ports = vault_server::site::Ports {
            store,
            device: seat.device.clone(),
            peers: Arc::new(Link { from: index, fleet: Arc::downgrade(&self.0) }),
            clock: seat.clock.clone(),
            randomness: seat.randomness.clone(),
            passkeys: self.0.passkeys.clone(),
            ledger: None,
        };
        Site::start(place, ports).await.expect("a simulated site starts")
    }
}

async fn upkeep(site: Site<MountedDisk>, life: Life, every: Duration) {
    while !life.is_over() {
        site.pull().await;
        site.tick().await;
        tokio::time::sleep(every).await;
    }
}
