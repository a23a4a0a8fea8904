//! A site's place in the fleet: what outlives its program, and the program that runs now.

use super::{Door, Fleet, Running};
use crate::clock::SimulatedClock;
use crate::corrupt::Trick;
use crate::device::SimulatedDevice;
use crate::dice::Dice;
use crate::disk::{Disk, Life};
use crate::front::Front;
use crate::network::Node;
use async_trait::async_trait;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::time::Instant;
use vault_protocol::SiteIndex;
use vault_server::site::ports::{PeerAnswer, PeerAway, PeerRequest, Peers, Randomness};

/// A connection to a site that is gone breaks after this.
const BROKEN: Duration = Duration::from_secs(4);

pub(super) struct Seat {
    index: SiteIndex,
    pub device: Arc<SimulatedDevice>,
    pub clock: Arc<SimulatedClock>,
    pub randomness: Arc<dyn Randomness>,
    state: Mutex<State>,
}

struct State {
    disk: Disk,
    program: Option<Program>,
    trick: Option<Arc<dyn Trick>>,
    door: Option<Door>,
    hung: bool,
}

#[derive(Clone)]
pub(super) struct Program {
    pub front: Arc<dyn Front>,
    pub life: Life,
}

impl Seat {
    pub(super) fn empty(index: SiteIndex, seed: u64, started: Instant) -> Self {
        let dice = |of: &str| Dice::new(seed, &format!("{of} {index}"));
        let randomness: Arc<dyn Randomness> = Arc::new(dice("site"));
        let serial = 1000 + u32::from(index.0);
        let device = SimulatedDevice::generate(serial, Arc::new(dice("device")));
        let disk = Disk::empty(dice("disk"));
        let state = State { disk, program: None, trick: None, door: None, hung: false };
        Self {
            index,
            device: Arc::new(device),
            clock: Arc::new(SimulatedClock::right(started)),
            randomness,
            state: Mutex::new(state),
        }
    }

    pub(super) fn serial(&self) -> u32 {
        1000 + u32::from(self.index.0)
    }

    pub(super) fn disk(&self) -> Disk {
        self.lock().disk.clone()
    }

    pub(super) fn with_disk(&self, change: impl FnOnce(&mut Disk)) {
        change(&mut self.lock().disk);
    }

    pub(super) fn run(&self, front: Arc<dyn Front>, life: Life) {
        self.lock().program = Some(Program { front, life });
    }

    pub(super) fn kill(&self) {
        let mut state = self.lock();
        if let Some(program) = state.program.take() {
            program.life.end();
            state.disk.lose_power();
        }
    }

    pub(super) fn program(&self) -> Option<Program> {
        self.lock().program.clone()
    }

    pub(super) fn trick(&self) -> Option<Arc<dyn Trick>> {
        self.lock().trick.clone()
    }

    pub(super) fn set_trick(&self, trick: Option<Arc<dyn Trick>>) {
        self.lock().trick = trick;
    }

    pub(super) fn door(&self) -> Option<Door> {
        self.lock().door.clone()
    }

    pub(super) fn set_door(&self, door: Option<Door>) {
        self.lock().door = door;
    }

    pub(super) fn hang(&self, hung: bool) {
        self.lock().hung = hung;
    }

    pub(super) fn is_hung(&self) -> bool {
        self.lock().hung
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One site's way to the others. It does not hold the fleet: the fleet holds it.
pub(super) struct Link {
    pub from: SiteIndex,
    pub fleet: Weak<Running>,
}

#[async_trait]
impl Peers for Link {
    async fn ask(&self, site: SiteIndex, request: PeerRequest) -> Result<PeerAnswer, PeerAway> {
        let away = |reason: &str| PeerAway { site, reason: reason.into() };
        let fleet = self.fleet.upgrade().map(Fleet).ok_or_else(|| away("the fleet is gone"))?;
        let ours = Node::Site(self.from);
        let theirs = Node::Site(site);
        if !fleet.network().carry(ours, theirs).await {
            tokio::time::sleep(BROKEN).await;
            return Err(away("it does not answer"));
        }
        let seat = fleet.seat(site);
        if seat.is_hung() {
            tokio::time::sleep(BROKEN).await;
            return Err(away("it hangs"));
        }
        let Program { front, life } = seat.program().ok_or_else(|| away("it is not running"))?;
        let answer = front.peer(self.from, request).await;
        let arrives = fleet.network().carry(theirs, ours).await;
        if life.is_over() || !arrives {
            tokio::time::sleep(BROKEN).await;
            return Err(away("the connection broke"));
        }
        Ok(answer)
    }
}
