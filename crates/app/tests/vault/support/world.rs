//! A world with one good fleet.

use super::network::{Cable, Contact, Wires};
use app::model::{NewCode, Recovered, VaultStatus};
use app::{
    Clock, FleetFingerprint, FleetPin, Keepsake, KeyStore, RecoverySecret, Result, Surroundings,
    Unwatched,
};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;
use vault_protocol::SiteIndex;
use vault_simulation::clock::START;
use vault_simulation::fleet::{Fleet, Plan};

pub(crate) const OWN_CODE: &str = "violet harbour 9 tin kettles";
const PUBLISHER: &str = "https://auditor.invalid";

pub(crate) struct World {
    pub fleet: Fleet,
    pub wires: Wires,
    dir: TempDir,
    clock: Arc<RightClock>,
    clients: AtomicU8,
}

/// The time of the simulation.
struct RightClock(Instant);

impl Clock for RightClock {
    fn unix_now(&self) -> u64 {
        START + self.0.elapsed().as_secs()
    }
}

/// One person's computer.
pub(crate) struct Computer {
    pub keepsake: Keepsake,
    sheet: FleetPin,
}

impl World {
    /// Five sites that work, and a publisher.
    pub(crate) async fn new() -> Self {
        Self::with(Fleet::start(Plan::fair(7)).await)
    }

    pub(crate) fn with(fleet: Fleet) -> Self {
        let wires = Wires::new();
        wires.publish(PUBLISHER, fleet.clone());
        let clock = Arc::new(RightClock(Instant::now()));
        Self { fleet, wires, dir: tempfile::tempdir().unwrap(), clock, clients: AtomicU8::new(1) }
    }

    /// The fleet's address, as its operator gives it to people.
    pub(crate) fn url(&self) -> String {
        format!("{PUBLISHER}/#sha256={}", hex::encode(self.fleet.trust().id()))
    }

    pub(crate) fn fingerprint(&self) -> String {
        FleetFingerprint::of(&self.fleet.trust().id()).to_string()
    }

    /// A computer that has found this fleet's evidence good before.
    pub(crate) fn computer(&self, name: &str) -> Computer {
        self.computer_with_key(name, None)
    }

    /// The same with a security key at this socket.
    pub(crate) fn computer_with_key(
        &self,
        name: &str,
        mock_security_key: Option<PathBuf>,
    ) -> Computer {
        let computer = self.stranger_with_key(name, mock_security_key);
        let folder = self.home(name).join("fleets").join(hex::encode(self.fleet.trust().id()));
        std::fs::create_dir_all(&folder).unwrap();
        for bundle in self.fleet.bundles() {
            let verdict =
                json!({ "bundle": bundle.id(), "failed": [], "sentence": "Good.", "at": START });
            std::fs::write(folder.join("evidence.json"), verdict.to_string()).unwrap();
        }
        computer
    }

    /// A computer that knows nothing of any fleet.
    pub(crate) fn stranger(&self, name: &str) -> Computer {
        self.stranger_with_key(name, None)
    }

    pub(crate) fn stranger_with_key(
        &self,
        name: &str,
        mock_security_key: Option<PathBuf>,
    ) -> Computer {
        let client = self.clients.fetch_add(1, Ordering::Relaxed);
        let cable = Cable { wires: self.wires.clone(), fleet: self.fleet.clone(), client };
        let around = Surroundings {
            network: Arc::new(cable),
            clock: self.clock.clone(),
            key_store: Some(KeyStore::File),
            mock_security_key,
            place_login: None,
        };
        let keepsake = Keepsake::open_in(&self.home(name), around).unwrap();
        Computer { keepsake, sheet: FleetPin::Sheet(self.fingerprint()) }
    }

    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn backup(&self, name: &str) -> String {
        self.dir.path().join(format!("backup of {name}")).to_str().unwrap().into()
    }

    /// Whom anybody contacted since the last look.
    pub(crate) fn contacts(&self) -> Vec<Contact> {
        self.wires.take_contacts()
    }

    pub(crate) fn kill(&self, sites: &[u8]) {
        sites.iter().for_each(|site| self.fleet.kill_site(SiteIndex(*site)));
    }

    pub(crate) async fn start(&self, sites: &[u8]) {
        for site in sites {
            self.fleet.start_site(SiteIndex(*site)).await;
        }
    }

    /// So much later by the clocks of the sites, in which nobody did anything.
    pub(crate) async fn jump(&self, seconds: i64) {
        for site in self.fleet.sites() {
            self.fleet.clock(site).set_off(seconds);
        }
        self.later(30).await;
    }

    /// Sites tell each other in the meantime.
    pub(crate) async fn later(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
}

impl Computer {
    /// Makes a generated code and a backup.
    pub(crate) async fn protects(&self, world: &World, backup: &str) -> String {
        let made = self.enrolls(world, None).await.unwrap();
        app::back_up(&self.keepsake, backup, Duration::ZERO, &Unwatched).await.unwrap();
        made.code.unwrap()
    }

    /// Takes [`OWN_CODE`] and makes a backup.
    pub(crate) async fn protects_with_own_code(&self, world: &World, backup: &str) {
        self.enrolls(world, Some(OWN_CODE)).await.unwrap();
        app::back_up(&self.keepsake, backup, Duration::ZERO, &Unwatched).await.unwrap();
    }

    pub(crate) async fn enrolls(&self, world: &World, own: Option<&str>) -> Result<NewCode> {
        app::enroll(&self.keepsake, &world.url(), own.map(secret), &Unwatched).await
    }

    /// With the fingerprint from the recovery sheet.
    pub(crate) async fn recovers(&self, backup: &str, code: &str) -> Result<Recovered> {
        app::recover(&self.keepsake, backup, Some(&self.sheet), secret(code), &Unwatched).await
    }

    pub(crate) async fn drills(&self, code: &str) -> Result<Recovered> {
        app::drill(&self.keepsake, secret(code), &Unwatched).await
    }

    pub(crate) async fn status(&self) -> VaultStatus {
        app::vault_status(&self.keepsake).await.unwrap()
    }

    pub(crate) async fn tries_left(&self) -> u8 {
        self.status().await.tries_left
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        Path::new(self.keepsake.home()).join(file).exists()
    }
}

pub(crate) fn secret(typed: &str) -> RecoverySecret {
    RecoverySecret::new(typed.into())
}
