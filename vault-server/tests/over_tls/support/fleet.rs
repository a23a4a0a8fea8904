//! Starting, stopping and setting back sites.

use super::certificates;
use super::device::SoftwareDevice;
use crate::people::{Http, Reach, Session};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use vault_protocol::{
    Auditor, BUNDLE_TYPE, Bundle, BundleId, Evidence, FleetId, GuessPolicy, Operator, Signature64,
    SignedBundle, Site, SiteIndex, VoteKeyCertificate,
};
use vault_server::api::Api;
use vault_server::config::Config;
use vault_server::node::{Listeners, Node, NodeError};
use yubihsm_device::SiteDevice;

pub(crate) struct Fleet {
    pub dir: TempDir,
    pub bundle: Bundle,
    pub devices: Vec<Arc<SoftwareDevice>>,
    pub http: Http,
    nodes: Vec<Option<Node>>,
    addresses: Vec<(SocketAddr, SocketAddr)>,
}

impl Fleet {
    /// Starts `n` new sites and waits until all serve.
    pub(crate) async fn start(n: u8) -> Self {
        Self::start_with(n, |_, _| ()).await
    }

    /// As [`Self::start`], with each site's configuration changed.
    pub(crate) async fn start_with(n: u8, change: impl Fn(u8, &mut serde_json::Value)) -> Self {
        let fleet = Self::start_behind(n, change).await;
        for site in 1..=n {
            fleet.until_serving(site).await;
        }
        fleet
    }

    /// As [`Self::start_with`], without asking the sites whether they serve: a proxy may have to
    /// ask.
    pub(crate) async fn start_behind(n: u8, change: impl Fn(u8, &mut serde_json::Value)) -> Self {
        let device = |i| Arc::new(SoftwareDevice::new(1000 + u32::from(i), &[7; 32]));
        let devices: Vec<_> = (1..=n).map(device).collect();
        let dir = tempfile::tempdir().unwrap();
        certificates::write(dir.path(), n);
        let listeners: Vec<_> = (0..n).map(|_| (listener(), listener())).collect();
        let address = |listener: &TcpListener| listener.local_addr().unwrap();
        let addresses: Vec<_> = listeners.iter().map(|(c, p)| (address(c), address(p))).collect();
        let endpoints: Vec<_> =
            addresses.iter().map(|(clients, _)| format!("https://{clients}")).collect();
        let bundle = bundle(&devices, &endpoints);
        write_bundle(&dir.path().join("bundle.json"), &bundle);
        let http = Http::new(&dir.path().join("ca.pem"), &bundle);
        let nodes = (0..n).map(|_| None).collect();
        let mut fleet = Self { dir, bundle, devices, http, nodes, addresses };
        for (i, (clients, peers)) in (1..).zip(listeners) {
            let mut config = fleet.config(i);
            change(i, &mut config);
            let config = fleet.write_config(i, &config);
            let listeners = Listeners { clients, peers };
            let device = fleet.devices[usize::from(i) - 1].clone();
            fleet.nodes[usize::from(i) - 1] =
                Some(Node::start(&config, device, listeners).await.unwrap());
        }
        fleet
    }

    pub(crate) fn node(&self, site: u8) -> &Node {
        self.nodes[usize::from(site) - 1].as_ref().unwrap()
    }

    pub(crate) fn api(&self, site: u8) -> &Arc<Api> {
        self.node(site).api().unwrap()
    }

    pub(crate) fn device(&self, site: u8) -> &Arc<SoftwareDevice> {
        &self.devices[usize::from(site) - 1]
    }

    pub(crate) fn state_dir(&self, site: u8) -> PathBuf {
        self.dir.path().join(format!("state-{site}"))
    }

    pub(crate) async fn stop(&mut self, site: u8) {
        if let Some(node) = self.nodes[usize::from(site) - 1].take() {
            node.stop().await;
        }
    }

    /// Starts a stopped site again, on its device and directory.
    pub(crate) async fn restart(&mut self, site: u8) -> Result<(), NodeError> {
        let device = self.device(site).clone();
        self.restart_on(site, device).await
    }

    /// Starts a stopped site on another device.
    pub(crate) async fn restart_on(
        &mut self,
        site: u8,
        device: Arc<dyn SiteDevice>,
    ) -> Result<(), NodeError> {
        let config = Config::read(&self.config_file(site)).unwrap();
        let node = Node::start(&config, device, Listeners::bind(&config)?).await?;
        self.nodes[usize::from(site) - 1] = Some(node);
        Ok(())
    }

    /// A site's configuration as it is written at first.
    pub(crate) fn config(&self, site: u8) -> serde_json::Value {
        let at = usize::from(site) - 1;
        let (listen, peer_listen) = self.addresses[at];
        let others = (1..=self.addresses.len()).filter(|i| *i != usize::from(site));
        let url = |i: usize| format!("https://{}", self.addresses[i - 1].1);
        let peers: Vec<_> =
            others.map(|i| serde_json::json!({"index": i, "url": url(i)})).collect();
        let cert = format!("site-{site}.pem");
        let key = format!("site-{site}.key");
        serde_json::json!({
            "site": site, "listen": listen, "peer_listen": peer_listen, "peers": peers,
            "tls": {"cert": cert, "key": key},
            "peer_tls": {"cert": cert, "key": key, "ca": "ca.pem"},
            "hsm": {"connector": "http://127.0.0.1:1", "key_file": "unused", "mock": true},
            "state_dir": format!("state-{site}"), "bundles": ["bundle.json"],
            "log_anchor": self.devices[at].anchor(),
        })
    }

    pub(crate) fn write_config(&self, site: u8, config: &serde_json::Value) -> Config {
        std::fs::write(self.config_file(site), config.to_string()).unwrap();
        Config::read(&self.config_file(site)).unwrap()
    }

    pub(crate) fn config_file(&self, site: u8) -> PathBuf {
        self.dir.path().join(format!("site-{site}.json"))
    }

    pub(crate) async fn health(&self, site: u8) -> serde_json::Value {
        self.http.get_json(site, "/v2/health").await
    }

    pub(crate) async fn until_serving(&self, site: u8) {
        self.until(site, |health| health["serving"] == true).await;
    }

    /// Waits until a site's health is as it should be; it is the test runner that gives up.
    pub(crate) async fn until(&self, site: u8, is: impl Fn(&serde_json::Value) -> bool) {
        while !is(&self.health(site).await) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Reach for Fleet {
    type Client = Session;

    fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    async fn open(&self, site: u8) -> Option<Session> {
        self.http.open(site).await.ok()
    }

    async fn certificates(&self) -> Vec<VoteKeyCertificate> {
        let running = self.nodes.iter().flatten().filter_map(Node::api);
        running.map(|api| api.site.certificate()).collect()
    }
}

/// Copies a directory of files.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn bundle(devices: &[Arc<SoftwareDevice>], endpoints: &[String]) -> Bundle {
    let sites = devices.iter().zip(endpoints).zip(1..).map(|((device, endpoint), index)| Site {
        index: SiteIndex(index),
        region: "test".into(),
        endpoint: endpoint.clone(),
        devices: vec![device.in_bundle()],
    });
    Bundle {
        kind: BUNDLE_TYPE.into(),
        namespace: "test.keepsake".into(),
        fleet_id: FleetId([0xf1; 16]),
        epoch: 1,
        threshold: devices.len() as u8 / 2 + 1,
        policy: GuessPolicy::Balanced,
        fleet_key: devices[0].fleet_key(),
        sites: sites.collect(),
        not_before: 1,
        not_after: u64::from(u32::MAX),
        previous: None,
        evidence: Evidence { digest: BundleId([0; 32]), url: "https://evidence.invalid/".into() },
        revoked_epochs: vec![],
        keys_since: None,
    }
}

/// Sites do not check the signatures of their own bundle; clients do (crate fleet-evidence).
pub(crate) fn write_bundle(path: &Path, bundle: &Bundle) {
    let signed = SignedBundle {
        bundle: bundle.clone(),
        auditor: Auditor { timestamp: 1, signature: Signature64([0; 64]) },
        operator: Operator { signature: Signature64([0; 64]) },
        log_proof: String::new(),
    };
    std::fs::write(path, serde_json::to_vec(&signed).unwrap()).unwrap();
}
