//! Starting, stopping and setting back sites.

use super::certificates;
use super::client::Transport;
use super::device::SoftwareDevice;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use vault_protocol::{
    Auditor, BUNDLE_TYPE, Bundle, BundleId, Evidence, FleetId, GuessPolicy, Operator, Signature64, SignedBundle, Site,
    SiteIndex,
};
use vault_server::config::Config;
use vault_server::hsm::SiteDevice;
use vault_server::node::{Listeners, Node, NodeError};

pub struct Fleet {
    pub dir: TempDir,
    pub bundle: Bundle,
    /// Empty if the fleet runs on other devices.
    pub devices: Vec<Arc<SoftwareDevice>>,
    ports: Vec<Arc<dyn SiteDevice>>,
    pub transport: Transport,
    nodes: Vec<Option<Node>>,
    addresses: Vec<(SocketAddr, SocketAddr)>,
}

impl Fleet {
    /// Starts `n` new sites on software devices and waits for a leader.
    pub async fn start(n: u8) -> Self {
        let devices: Vec<_> = (1..=n).map(|i| Arc::new(SoftwareDevice::new(1000 + u32::from(i), &[7; 32]))).collect();
        let mut fleet = Self::on(n, |endpoints| {
            let ports = devices.iter().map(|device| device.clone() as Arc<dyn SiteDevice>).collect();
            (bundle(&devices, endpoints), ports)
        })
        .await;
        fleet.devices = devices;
        fleet
    }

    /// Starts `n` new sites on the devices of a ceremony that is told the sites' endpoints.
    pub async fn on(n: u8, ceremony: impl FnOnce(&[String]) -> (Bundle, Vec<Arc<dyn SiteDevice>>)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        certificates::write(dir.path(), n);
        let listeners: Vec<_> = (0..n).map(|_| (listener(), listener())).collect();
        let addresses: Vec<_> =
            listeners.iter().map(|(c, p)| (c.local_addr().unwrap(), p.local_addr().unwrap())).collect();
        let endpoints: Vec<_> = addresses.iter().map(|(clients, _)| format!("https://{clients}")).collect();
        let (bundle, ports) = ceremony(&endpoints);
        std::fs::write(dir.path().join("bundle.json"), serde_json::to_vec(&signed(&bundle)).unwrap()).unwrap();
        let transport = Transport::new(&dir.path().join("ca.pem"), &bundle);
        let nodes = (0..n).map(|_| None).collect();
        let mut fleet = Self { dir, bundle, devices: vec![], ports, transport, nodes, addresses };
        for (i, (clients, peers)) in listeners.into_iter().enumerate() {
            let config = fleet.config(i as u8 + 1, true);
            let node = Node::start(&config, fleet.ports[i].clone(), Listeners { clients, peers }).await.unwrap();
            fleet.nodes[i] = Some(node);
        }
        fleet.leader().await;
        fleet
    }

    /// Puts another device into a stopped site.
    pub fn swap_device(&mut self, site: u8, device: Arc<dyn SiteDevice>) {
        self.ports[usize::from(site) - 1] = device;
    }

    pub fn node(&self, site: u8) -> &Node {
        self.nodes[usize::from(site) - 1].as_ref().unwrap()
    }

    pub fn site(&self, site: u8) -> &Arc<vault_server::api::Site> {
        self.node(site).site().unwrap()
    }

    pub fn state_dir(&self, site: u8) -> PathBuf {
        self.dir.path().join(format!("state-{site}"))
    }

    pub async fn stop(&mut self, site: u8) {
        if let Some(node) = self.nodes[usize::from(site) - 1].take() {
            node.stop().await;
        }
    }

    /// Starts a stopped site again, on the same device and directory.
    pub async fn restart(&mut self, site: u8) -> Result<(), NodeError> {
        self.restart_with(site, |_| ()).await
    }

    pub async fn restart_with(&mut self, site: u8, change: impl FnOnce(&mut Config)) -> Result<(), NodeError> {
        let mut config = self.config(site, false);
        change(&mut config);
        let device = self.ports[usize::from(site) - 1].clone();
        let node = Node::start(&config, device, Listeners::bind(&config)?).await?;
        self.nodes[usize::from(site) - 1] = Some(node);
        Ok(())
    }

    /// The site that all running sites take for their leader.
    pub async fn leader(&self) -> u8 {
        loop {
            let views: Vec<_> =
                self.nodes.iter().flatten().filter_map(Node::site).map(|s| s.cluster.view().0).collect();
            match views.first() {
                Some(Some(leader)) if views.iter().all(|v| v == &Some(*leader)) => {
                    let leader = u8::try_from(*leader).unwrap();
                    if self.nodes[usize::from(leader) - 1].is_some() {
                        return leader;
                    }
                }
                _ => {}
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    pub fn config(&self, site: u8, fresh: bool) -> Config {
        let (listen, peer_listen) = self.addresses[usize::from(site) - 1];
        let others = (1..=self.addresses.len() as u8).filter(|i| *i != site);
        let peers: Vec<_> = others
            .map(
                |i| serde_json::json!({"index": i, "url": format!("https://{}", self.addresses[usize::from(i) - 1].1)}),
            )
            .collect();
        let file = |name: String| self.dir.path().join(name);
        let (cert, key) = (file(format!("site-{site}.pem")), file(format!("site-{site}.key")));
        let config = serde_json::json!({
            "site": site, "listen": listen, "peer_listen": peer_listen, "peers": peers,
            "tls": {"cert": cert, "key": key},
            "peer_tls": {"cert": cert, "key": key, "ca": file("ca.pem".into())},
            "hsm": {"connector": "http://127.0.0.1:1", "key_file": "unused", "mock": true},
            "state_dir": self.state_dir(site), "bundle": file("bundle.json".into()), "fresh": fresh,
            "timing": {"heartbeat_ms": 150, "election_min_ms": 500, "election_max_ms": 1000},
        });
        let path = file(format!("site-{site}.json"));
        std::fs::write(&path, config.to_string()).unwrap();
        Config::read(&path).unwrap()
    }
}

/// Copies a directory of files.
pub fn copy(from: &Path, to: &Path) {
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
    let sites = devices.iter().zip(endpoints).enumerate().map(|(i, (device, endpoint))| Site {
        index: SiteIndex(i as u8 + 1),
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
fn signed(bundle: &Bundle) -> SignedBundle {
    SignedBundle {
        bundle: bundle.clone(),
        auditor: Auditor { timestamp: 1, signature: Signature64([0; 64]) },
        operator: Operator { signature: Signature64([0; 64]) },
        log_proof: String::new(),
    }
}
