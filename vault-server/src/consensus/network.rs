//! Calling peers.

use super::{Vault, tls, wire};
use openraft::error::{InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError, Unreachable};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse, VoteRequest,
    VoteResponse,
};
use openraft::{AnyError, EmptyNode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use vault_protocol::SiteIndex;

/// Where another site listens for its peers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    pub index: SiteIndex,
    /// `https://host:port`
    pub url: String,
}

#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nothing can have happened at the peer.
    #[error("the peer cannot be reached: {0}")]
    Unreachable(String),
    /// The peer may or may not have acted.
    #[error("the peer did not answer in time or not usably: {0}")]
    Unanswered(String),
}

/// A client for all peers over mutual TLS. Clones share connections.
#[derive(Clone)]
pub struct Peers {
    client: reqwest::Client,
    ports: Arc<BTreeMap<u64, u16>>,
}

impl Peers {
    /// # Errors
    /// If a URL has no host and port, or the client cannot be built.
    pub fn new(tls: rustls::ClientConfig, peers: &[Peer]) -> Result<Self, CallError> {
        let unusable = |e: &dyn std::fmt::Display| CallError::Unreachable(e.to_string());
        let mut ports = BTreeMap::new();
        let mut hosts = BTreeMap::new();
        for peer in peers {
            let url = reqwest::Url::parse(&peer.url).map_err(|e| unusable(&e))?;
            let host = url.host_str().ok_or_else(|| unusable(&"a peer URL needs a host"))?;
            hosts.insert(tls::peer_name(peer.index), host.trim_matches(['[', ']']).to_string());
            ports.insert(super::node_id(peer.index), url.port_or_known_default().unwrap_or(443));
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(Hosts(hosts)))
            .no_proxy()
            // One request at a time on a connection, so that a peer that hangs costs a connection, not all of them.
            .http1_only()
            .https_only(true)
            .build()
            .map_err(|e| unusable(&e))?;
        Ok(Self { client, ports: Arc::new(ports) })
    }

    /// One RPC, with the answer's size bounded.
    pub async fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        target: u64,
        path: &str,
        request: &Q,
        ttl: Duration,
    ) -> Result<A, CallError> {
        let port = self.ports.get(&target).ok_or_else(|| CallError::Unreachable("unknown site".into()))?;
        let site = SiteIndex(u8::try_from(target).unwrap_or(0));
        let url = format!("https://{}:{port}{path}", tls::peer_name(site));
        let body = wire::encode(request).map_err(|e| CallError::Unreachable(e.to_string()))?;
        let call = async {
            let response = self.client.post(url).body(body).send().await.map_err(classify)?;
            let response = response.error_for_status().map_err(unanswered)?;
            wire::decode(&bounded(response).await?).map_err(|e| CallError::Unanswered(e.to_string()))
        };
        tokio::time::timeout(ttl, call).await.map_err(|_| CallError::Unanswered("timeout".into()))?
    }
}

async fn bounded(mut response: reqwest::Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
        if body.len() + chunk.len() > wire::MAX_BODY {
            return Err(CallError::Unanswered("the answer is too long".into()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn classify(error: reqwest::Error) -> CallError {
    if error.is_connect() { CallError::Unreachable(describe(&error)) } else { unanswered(error) }
}

fn unanswered(error: reqwest::Error) -> CallError {
    CallError::Unanswered(describe(&error))
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

impl RaftNetworkFactory<Vault> for Peers {
    type Network = Link;

    async fn new_client(&mut self, target: u64, _node: &EmptyNode) -> Link {
        Link { peers: self.clone(), target }
    }
}

/// openraft's view of one peer.
pub struct Link {
    peers: Peers,
    target: u64,
}

type Rpc<T, E = openraft::error::Infallible> = Result<T, RPCError<u64, EmptyNode, RaftError<u64, E>>>;

impl Link {
    async fn rpc<Q, A, E>(&self, path: &str, request: Q, option: RPCOption) -> Rpc<A, E>
    where
        Q: Serialize,
        A: DeserializeOwned,
        E: std::error::Error + DeserializeOwned,
    {
        let answer: Result<Result<A, RaftError<u64, E>>, _> =
            self.peers.call(self.target, path, &request, option.hard_ttl()).await;
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(RPCError::RemoteError(RemoteError::new(self.target, error))),
            Err(error @ CallError::Unreachable(_)) => Err(RPCError::Unreachable(Unreachable::new(&error))),
            Err(error) => Err(RPCError::Network(NetworkError::from(AnyError::new(&error)))),
        }
    }
}

impl RaftNetwork<Vault> for Link {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<Vault>,
        option: RPCOption,
    ) -> Rpc<AppendEntriesResponse<u64>> {
        self.rpc("/peer/v1/append", rpc, option).await
    }

    async fn vote(&mut self, rpc: VoteRequest<u64>, option: RPCOption) -> Rpc<VoteResponse<u64>> {
        self.rpc("/peer/v1/vote", rpc, option).await
    }

    async fn install_snapshot(
        &mut self,
        rpc: InstallSnapshotRequest<Vault>,
        option: RPCOption,
    ) -> Rpc<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        self.rpc("/peer/v1/snapshot", rpc, option).await
    }

    fn backoff(&self) -> openraft::network::Backoff {
        openraft::network::Backoff::new(std::iter::repeat(Duration::from_millis(200)))
    }
}
