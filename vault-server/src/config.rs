//! A site's configuration file (JSON).

use crate::doors::Proxy;
use crate::peers::{Peer, tls};
use durable_files::read_bounded;
use fleet_evidence::device_log::Head;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use vault_protocol::SiteIndex;

/// A configuration is a page of text.
const MAX_FILE: u64 = 64 * 1024;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is not there, or too long.
    #[error("{path}: {reason}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why it cannot be read.
        reason: String,
    },
    /// It does not say what a configuration has to say.
    #[error("{path}: {reason}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and what it should be.
        reason: String,
    },
}

/// Everything that a site is told. Relative paths are relative to the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// This site's place in the validation bundle, from 1.
    pub site: SiteIndex,
    /// Client API.
    pub listen: SocketAddr,
    /// For clients.
    pub tls: tls::Identity,
    /// Other sites.
    pub peer_listen: SocketAddr,
    /// For other sites.
    pub peer_tls: PeerTls,
    /// All other sites of the fleet.
    pub peers: Vec<Peer>,
    /// The site's device.
    pub hsm: Hsm,
    /// Where everything is that the site stores. Nobody else writes there.
    pub state_dir: PathBuf,
    /// The signed validation bundle, and beside it the next one while the fleet changes over.
    pub bundles: Vec<PathBuf>,
    /// Last entry of the device's log at the end of the ceremony. The first start must go on from
    /// it: so a site that lost its disk is told from a new one.
    #[serde(default)]
    pub log_anchor: Option<Head>,
    /// A proxy in front of the site that names its clients' addresses.
    #[serde(default)]
    pub proxy: Option<Proxy>,
    /// Connections of clients at once, of about 40 KiB each.
    #[serde(default = "connections")]
    pub max_connections: usize,
}

fn connections() -> usize {
    2048
}

/// The certificate names `site-<index>.peer.keepsake`; `ca` is the fleet's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerTls {
    /// PEM: the certificate, and those above it.
    pub cert: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
    /// PEM: the root of all sites' certificates.
    pub ca: PathBuf,
}

/// How to reach the device.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hsm {
    /// `http://host:port` of yubihsm-connector.
    pub connector: String,
    /// The login that the site uses.
    #[serde(default = "operational")]
    pub auth_key: u16,
    /// Written by the ceremony, mode 0600. Of use at the first start only: then the site makes the
    /// login its own, with a key in its state directory.
    pub key_file: PathBuf,
    /// The device's certificates end at the mock root.
    #[serde(default)]
    pub mock: bool,
    /// For device statements; without it the site makes none.
    #[serde(default)]
    pub statement: Option<Statement>,
}

/// What the ceremony wrote for device statements.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Written by the ceremony, mode 0600: as [`Hsm::key_file`].
    pub key_file: PathBuf,
    /// PEM: the device's own certificate and those above it.
    pub device_chain: PathBuf,
}

fn operational() -> u16 {
    fleet_evidence::device_profile::OPERATIONAL_AUTH_KEY
}

impl PeerTls {
    /// Certificate and key, without the root.
    pub fn identity(&self) -> tls::Identity {
        tls::Identity { cert: self.cert.clone(), key: self.key.clone() }
    }
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |e: std::io::Error| ConfigError::Unreadable {
            path: path.into(),
            reason: e.to_string(),
        };
        let text = read_bounded(path, MAX_FILE).map_err(unreadable)?;
        let invalid = |reason: String| ConfigError::Invalid { path: path.into(), reason };
        let mut config: Self = serde_json::from_slice(&text).map_err(|e| invalid(e.to_string()))?;
        config.check().map_err(|reason| invalid(reason.into()))?;
        config.resolve(path.parent().unwrap_or(Path::new(".")));
        Ok(config)
    }

    fn check(&self) -> Result<(), &'static str> {
        let n = self.peers.len() + 1;
        if !matches!(n, 3 | 5 | 7) {
            return Err("peers: a fleet has 3, 5 or 7 sites, so list the 2, 4 or 6 others");
        }
        let mut all: Vec<u8> = self.peers.iter().map(|p| p.index.0).chain([self.site.0]).collect();
        all.sort_unstable();
        if !all.iter().enumerate().all(|(i, index)| usize::from(*index) == i + 1) {
            return Err("peers: with this site's own index they must be 1, 2, 3, … without gaps");
        }
        if self.peers.iter().any(|p| !p.url.starts_with("https://")) {
            return Err("peers: each url must begin with https://");
        }
        if self.bundles.is_empty() {
            return Err("bundles: name the fleet's signed bundle");
        }
        Ok(())
    }

    /// Sites of the fleet.
    pub fn sites(&self) -> usize {
        self.peers.len() + 1
    }

    fn resolve(&mut self, base: &Path) {
        if let Some(Statement { key_file, device_chain }) = &mut self.hsm.statement {
            *key_file = base.join(&*key_file);
            *device_chain = base.join(&*device_chain);
        }
        let PeerTls { cert, key, ca } = &mut self.peer_tls;
        for path in [
            cert,
            key,
            ca,
            &mut self.tls.cert,
            &mut self.tls.key,
            &mut self.hsm.key_file,
            &mut self.state_dir,
        ] {
            *path = base.join(&*path);
        }
        for path in &mut self.bundles {
            *path = base.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{
        "site": 1, "listen": "127.0.0.1:7101", "tls": {"cert": "tls.pem", "key": "tls.key"},
        "peer_listen": "127.0.0.1:7201", "peer_tls": {"cert": "peer.pem", "key": "peer.key", "ca": "ca.pem"},
        "peers": [{"index": 2, "url": "https://127.0.0.1:7202"}, {"index": 3, "url": "https://127.0.0.1:7203"}],
        "hsm": {"connector": "http://127.0.0.1:12345", "key_file": "/keys/op.key", "mock": true},
        "state_dir": "state", "bundles": ["bundle.json"],
        "proxy": {"kind": "proxy-protocol", "trusted": ["10.0.0.0/8"]}
    }"#;

    fn read(text: &str) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("site.json");
        std::fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    #[test]
    fn relative_paths_are_beside_the_file() {
        let config = read(GOOD).unwrap();
        assert!(config.state_dir.is_absolute() && config.state_dir.ends_with("state"));
        assert_eq!(config.hsm.key_file, Path::new("/keys/op.key"));
        assert_eq!(config.hsm.auth_key, 0x0201);
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            (GOOD.replace("\"bundles\"", "\"bundle\""), "bundle"),
            (GOOD.replace("[\"bundle.json\"]", "[]"), "bundles"),
            (GOOD.replace("10.0.0.0/8", "10.0.0.0/80"), "line"),
            (GOOD.replace("\"index\": 3", "\"index\": 4"), "without gaps"),
            (GOOD.replace("https://127.0.0.1:7202", "http://127.0.0.1:7202"), "https://"),
            (
                GOOD.replace(", {\"index\": 3, \"url\": \"https://127.0.0.1:7203\"}", ""),
                "3, 5 or 7",
            ),
        ];
        for (text, expected) in cases {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
