//! A second ceremony for the same fleet: other devices, new keys, and sites of their own beside the
//! old ones.

use super::trust_fleet::{Fleet, ok, programs};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SITES: std::ops::RangeInclusive<u32> = 1..=3;
const PATIENCE: Duration = Duration::from_secs(60);

/// Three devices and their sites; they end when this is dropped.
pub(crate) struct NewDevices<'a> {
    fleet: &'a Fleet,
    ports: Vec<u16>,
    running: Vec<Child>,
}

impl<'a> NewDevices<'a> {
    /// Epoch 2 with new keys, published and served; the keys of epoch 1 are revoked.
    pub(crate) fn take_over(fleet: &'a Fleet, previous: &Value) -> Self {
        let mut new = Self { fleet, ports: free_ports(9), running: vec![] };
        SITES.for_each(|site| new.start_device(site));
        new.ceremony(previous);
        fleet.sign_and_publish(&new.folder(), &fleet.auditor());
        SITES.for_each(|site| new.start_site(site));
        SITES.for_each(|site| new.wait_until_serving(site));
        new
    }

    pub(crate) fn serial(site: u32) -> u32 {
        2000 + site
    }

    fn ceremony(&self, previous: &Value) {
        self.write_plan(previous);
        let (plan, out) = (self.plan(), self.folder());
        let auditor = self.fleet.url();
        let step = |command: &[&str], by_operator: bool| {
            let mut step = Command::new(programs().join("keepsake-operator"));
            step.args(command).arg("--out").arg(&out);
            if command[0] != "send-anchors" {
                step.arg("--plan").arg(&plan);
            }
            if by_operator {
                step.arg("--key")
                    .arg(self.fleet.path("fleet/operator.key"))
                    .args(["--auditor", &auditor]);
                step.arg("--trust").arg(self.fleet.auditor().join("public/trust.json"));
            }
            step.output().unwrap()
        };
        ok(&step(&["request-challenges"], true));
        assert_eq!(
            step(&["ceremony", "run"], false).status.code(),
            Some(3),
            "it waits for the auditor"
        );
        ok(&step(&["send-anchors"], true));
        ok(&step(&["ceremony", "resume"], false));
    }

    /// As that of epoch 1, with other devices at other places.
    fn write_plan(&self, previous: &Value) {
        let mut plan = read(&self.fleet.path("fleet/plan.json"));
        (plan["epoch"], plan["previous"], plan["revoked_epochs"]) =
            (json!(2), previous.clone(), json!([1]));
        plan["evidence_url"] = json!(plan["evidence_url"].as_str().unwrap().replace("/1/", "/2/"));
        for (site, index) in plan["sites"].as_array_mut().unwrap().iter_mut().zip(SITES) {
            site["serial"] = json!(Self::serial(index));
            site["connector"] = json!(format!("http://127.0.0.1:{}", self.device_port(index)));
            site["endpoint"] = json!(format!("https://127.0.0.1:{}", self.client_port(index)));
        }
        std::fs::write(self.plan(), plan.to_string()).unwrap();
    }

    fn start_device(&mut self, site: u32) {
        let (port, serial) = (self.device_port(site), Self::serial(site).to_string());
        let mut device = Command::new(programs().join("hsm-mock"));
        device.args(["--listen", &format!("127.0.0.1:{port}"), "--serial", &serial]).arg("--state");
        device.arg(self.fleet.path(&format!("fleet/hsm/{serial}.state"))).arg("--root-dir");
        self.start(device.arg(self.fleet.path("fleet/hsm")), &format!("device-{serial}"));
        wait(&format!("device {serial}"), || TcpStream::connect(("127.0.0.1", port)).is_ok());
    }

    fn start_site(&mut self, site: u32) {
        let config = self.folder().join(format!("site-{site}.json"));
        std::fs::write(&config, self.configuration(site).to_string()).unwrap();
        let mut node = Command::new(programs().join("vault-server"));
        self.start(node.arg("node").arg("--config").arg(config), &format!("new-site-{site}"));
    }

    /// Addresses and certificates as in the MOCK fleet; the state begins empty.
    fn configuration(&self, site: u32) -> Value {
        let secrets = self.folder().join(format!("sites/{site}"));
        let tls =
            |name: &str| self.fleet.path("fleet/tls").join(name.replace('#', &site.to_string()));
        let others = SITES.filter(|other| *other != site);
        let peers: Vec<Value> = others
            .map(|other| json!({"index": other, "url": format!("https://127.0.0.1:{}", self.peer_port(other))}))
            .collect();
        json!({
            "site": site,
            "listen": format!("127.0.0.1:{}", self.client_port(site)),
            "peer_listen": format!("127.0.0.1:{}", self.peer_port(site)),
            "tls": {"cert": tls("site-#.pem"), "key": tls("site-#.key")},
            "peer_tls": {"cert": tls("site-#.peer.pem"), "key": tls("site-#.peer.key"), "ca": tls("ca.pem")},
            "peers": peers,
            "hsm": {"connector": format!("http://127.0.0.1:{}", self.device_port(site)),
                "key_file": secrets.join("hsm-auth.key"), "mock": true,
                "statement": {"key_file": secrets.join("statement-auth.key"),
                    "device_chain": secrets.join("device-chain.pem")}},
            "state_dir": self.folder().join(format!("state-{site}")),
            "bundles": [self.fleet.path("fleet/bundle.json")],
            "log_anchor": read(&secrets.join("device.json"))["log_head"]
        })
    }

    fn wait_until_serving(&self, site: u32) {
        let health = format!("https://127.0.0.1:{}/v2/health", self.client_port(site));
        wait(&format!("new site {site}"), || {
            let mut ask = Command::new("curl");
            ask.args(["--silent", "--max-time", "2", "--cacert"])
                .arg(self.fleet.path("fleet/tls/ca.pem"))
                .arg(&health);
            let answer: Value =
                serde_json::from_slice(&ask.output().unwrap().stdout).unwrap_or_default();
            answer["serving"] == true
        });
    }

    fn start(&mut self, program: &mut Command, name: &str) {
        let log =
            std::fs::File::create(self.fleet.path(&format!("fleet/logs/{name}.log"))).unwrap();
        program.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.running.push(program.spawn().unwrap());
    }

    fn plan(&self) -> PathBuf {
        self.fleet.path("fleet/plan-new-devices.json")
    }

    fn folder(&self) -> PathBuf {
        self.fleet.path("new-devices")
    }

    fn device_port(&self, site: u32) -> u16 {
        self.ports[site as usize - 1]
    }

    fn client_port(&self, site: u32) -> u16 {
        self.ports[site as usize + 2]
    }

    fn peer_port(&self, site: u32) -> u16 {
        self.ports[site as usize + 5]
    }
}

impl Drop for NewDevices<'_> {
    fn drop(&mut self) {
        for process in self.running.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Above those of a MOCK fleet, below those that the system hands out to outgoing connections.
fn free_ports(count: usize) -> Vec<u16> {
    let first = 30_100 + u16::try_from(std::process::id() % 200).unwrap() * 12;
    (first..).filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).take(count).collect()
}

#[track_caller]
fn wait(what: &str, ready: impl Fn() -> bool) {
    let began = Instant::now();
    while !ready() {
        assert!(began.elapsed() < PATIENCE, "{what} is not ready");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
