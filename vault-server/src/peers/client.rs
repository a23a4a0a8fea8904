//! Calling peers.

use super::MAX_PEER_MESSAGE;
use super::wire::{read_answer, write_request};
use crate::site::ports::{PeerAnswer, PeerAway, PeerRequest, Peers};
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use vault_protocol::SiteIndex;

/// Of the connection alone; whoever asks waits as long as it wants to.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection that nobody used for this long is opened anew.
const IDLE: Duration = Duration::from_secs(50);

/// Where another site listens for its peers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Which site.
    pub index: SiteIndex,
    /// `https://host:port`
    pub url: String,
}

/// A peer's address or this site's certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CannotCall(String);

/// All peers, over mutual TLS. Clones share connections.
#[derive(Clone)]
pub struct HttpPeers {
    client: Arc<RwLock<reqwest::Client>>,
    hosts: Arc<Hosts>,
    ports: Arc<BTreeMap<SiteIndex, u16>>,
}

impl HttpPeers {
    /// # Errors
    /// [`CannotCall`] names the peer whose URL has no host.
    pub fn new(tls: rustls::ClientConfig, peers: &[Peer]) -> Result<Self, CannotCall> {
        let mut ports = BTreeMap::new();
        let mut hosts = BTreeMap::new();
        for peer in peers {
            let unusable =
                |why: &dyn std::fmt::Display| CannotCall(format!("peer {}: {why}", peer.url));
            let url = reqwest::Url::parse(&peer.url).map_err(|e| unusable(&e))?;
            let host = url.host_str().ok_or_else(|| unusable(&"the URL needs a host"))?;
            let bare = host.trim_matches(['[', ']']).to_string();
            hosts.insert(peer.index.peer_name(), bare);
            ports.insert(peer.index, url.port_or_known_default().unwrap_or(443));
        }
        let hosts = Arc::new(Hosts(hosts));
        let client = Arc::new(RwLock::new(client(tls, hosts.clone())?));
        Ok(Self { client, hosts, ports: Arc::new(ports) })
    }

    /// Calls with other certificates from now on.
    ///
    /// # Errors
    /// [`CannotCall`]; the former ones stay.
    pub fn replace_tls(&self, tls: rustls::ClientConfig) -> Result<(), CannotCall> {
        let client = client(tls, self.hosts.clone())?;
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = client;
        Ok(())
    }

    async fn call(&self, site: SiteIndex, request: &PeerRequest) -> Result<PeerAnswer, String> {
        let port = self.ports.get(&site).ok_or("it is not a peer of this site")?;
        let (what, body) = write_request(request);
        let url = format!("https://{}:{port}/peer/v2/{what}", site.peer_name());
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let response = client.post(url).body(body).send().await.map_err(|e| describe(&e))?;
        let response = response.error_for_status().map_err(|e| describe(&e))?;
        let body = bounded(response).await?;
        read_answer(&body).ok_or_else(|| "its answer cannot be read".into())
    }
}

#[async_trait]
impl Peers for HttpPeers {
    async fn ask(&self, site: SiteIndex, request: PeerRequest) -> Result<PeerAnswer, PeerAway> {
        self.call(site, &request).await.map_err(|reason| PeerAway { site, reason })
    }
}

fn client(tls: rustls::ClientConfig, hosts: Arc<Hosts>) -> Result<reqwest::Client, CannotCall> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(hosts)
        .no_proxy()
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        // One request at a time on a connection: a request that hangs holds up no other.
        .http1_only()
        .https_only(true)
        .build();
    client.map_err(|e| CannotCall(describe(&e)))
}

async fn bounded(mut response: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| describe(&e))? {
        if body.len() + chunk.len() > MAX_PEER_MESSAGE {
            return Err("its answer is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// reqwest's own text leaves out the cause.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Resolves a peer's certificate name to the host of its URL.
struct Hosts(BTreeMap<String, String>);

impl Resolve for Hosts {
    fn resolve(&self, name: Name) -> Resolving {
        let host = self.0.get(name.as_str()).cloned();
        Box::pin(async move {
            let host = host.ok_or("not a peer of this site")?;
            let found = tokio::net::lookup_host((host, 0)).await?.collect::<Vec<_>>();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
