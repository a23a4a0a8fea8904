//! One site's part in consensus: propose, wait, read.

use super::network::{CallError, Peer, Peers};
use super::store::{self, Reader};
use super::{Vault, node_id, peer_api, tls, wire};
use crate::database::StoreError;
use axum_server::Handle;
use openraft::error::{ClientWriteError, RaftError};
use openraft::{EmptyNode, Raft, ServerState, SnapshotPolicy};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use vault_protocol::SiteIndex;
use vault_state::{Command, FleetKeys, Outcome};

/// A proposal is given up after this long: two elections at the default timing, and a write.
const PROPOSE_DEADLINE: Duration = Duration::from_secs(6);
/// One send of a proposal; a leader that hangs is replaced within it.
const SEND_DEADLINE: Duration = Duration::from_secs(2);
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// Raft's timers.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Also how long an append may take before it is sent again.
    pub heartbeat_ms: u64,
    /// An election starts after a random time between these two without a leader.
    pub election_min_ms: u64,
    pub election_max_ms: u64,
}

impl Default for Timing {
    /// Round trips between continents stay under 200 ms. A follower waits election_max (the leader's lease), then an
    /// election time: failover takes 1.3 to 1.6 s, and a round trip or two.
    fn default() -> Self {
        Self { heartbeat_ms: 200, election_min_ms: 450, election_max_ms: 800 }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// It may still happen: a try proposed so counts as spent.
    #[error("no majority of sites answered in time")]
    NoMajority,
    #[error("this site lags behind the fleet")]
    Behind,
    #[error("consensus has stopped at this site: {0}")]
    Stopped(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error("peer configuration: {0}")]
    Peers(#[from] CallError),
    #[error("the peer listener: {0}")]
    Listener(#[from] std::io::Error),
}

/// What a committed command did, and where it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub outcome: Outcome,
    pub index: u64,
}

/// Why a site did not propose a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotProposed {
    /// Nothing happened.
    NotLeader,
    /// It may or may not happen.
    Unknown(String),
}

/// What is needed to take part.
pub struct Membership<'a> {
    pub site: SiteIndex,
    pub keys: FleetKeys,
    pub state_dir: &'a Path,
    pub listener: TcpListener,
    pub identity: &'a tls::Identity,
    pub ca: &'a Path,
    pub peers: &'a [Peer],
    pub timing: Timing,
}

/// A running consensus member.
pub struct Cluster {
    me: u64,
    raft: Raft<Vault>,
    peers: Peers,
    reader: Reader,
    listener: Handle<SocketAddr>,
}

impl Cluster {
    /// Opens the store, listens for peers, and joins or forms the fleet.
    pub async fn join(member: Membership<'_>) -> Result<Self, ClusterError> {
        let me = node_id(member.site);
        let sites = member.keys.sites();
        let (log, machine, reader) = store::open(member.state_dir, member.keys)?;
        let peers = Peers::new(tls::peer_client(member.identity, member.ca)?, member.peers)?;
        let config = Arc::new(raft_config(member.timing)?);
        let raft = Raft::new(me, config, peers.clone(), log, machine).await.map_err(stopped)?;
        let listener = listen(member.listener, tls::peer_server(member.identity, member.ca)?, raft.clone())?;
        let everyone: BTreeMap<u64, EmptyNode> = (1..=sites as u64).map(|id| (id, EmptyNode {})).collect();
        if !raft.is_initialized().await.map_err(stopped)? {
            // Every site does this with the same list; whoever comes late is told that it is done already.
            if let Err(RaftError::Fatal(fatal)) = raft.initialize(everyone).await {
                return Err(stopped(fatal));
            }
        }
        Ok(Self { me, raft, peers, reader, listener })
    }

    /// Commits a command through the leader, wherever it is.
    ///
    /// # Errors
    /// [`ClusterError::NoMajority`] if it is not known to be committed: it may still be.
    pub async fn propose(&self, command: Command) -> Result<Applied, ClusterError> {
        let deadline = Instant::now() + PROPOSE_DEADLINE;
        // Counting a registration evaluation twice would hide a surplus, so only that is never sent again.
        let mut again = !matches!(command, Command::RecordRegistrationEvaluation { .. });
        while let Some(leader) = self.leader(deadline).await? {
            match self.send(leader, command.clone()).await {
                Ok(applied) => return Ok(applied),
                Err(NotProposed::NotLeader) => {}
                Err(NotProposed::Unknown(reason)) if again => {
                    tracing::info!(leader, reason, "a proposal is sent once more");
                    again = false;
                }
                Err(NotProposed::Unknown(reason)) => {
                    tracing::warn!(leader, reason, "a proposal was not answered");
                    return Err(ClusterError::NoMajority);
                }
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
        Err(ClusterError::NoMajority)
    }

    /// Waits until this site has applied the log up to `index`.
    pub async fn applied(&self, index: u64, within: Duration) -> Result<(), ClusterError> {
        let waited = self.raft.wait(Some(within)).applied_index_at_least(Some(index), "a proposal").await;
        waited.map(|_| ()).map_err(|_| ClusterError::Behind)
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub fn is_leader(&self) -> bool {
        self.raft.metrics().borrow().state == ServerState::Leader
    }

    /// The leader as this site sees it, and the last log position applied here.
    pub fn view(&self) -> (Option<u64>, Option<u64>) {
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow();
        (metrics.current_leader, metrics.last_applied.map(|id| id.index))
    }

    /// Returns when consensus has stopped at this site, with the reason.
    pub async fn stopped(&self) -> String {
        let mut metrics = self.raft.metrics();
        let fatal = metrics.wait_for(|m| m.running_state.is_err()).await;
        match fatal.as_deref().map(|m| &m.running_state) {
            Ok(Err(fatal)) => fatal.to_string(),
            _ => "shut down".into(),
        }
    }

    pub async fn shutdown(&self) {
        self.listener.shutdown();
        if let Err(error) = self.raft.shutdown().await {
            tracing::warn!(%error, "consensus did not shut down cleanly");
        }
    }

    async fn leader(&self, deadline: Instant) -> Result<Option<u64>, ClusterError> {
        let mut metrics = self.raft.metrics();
        let known = metrics.wait_for(|m| m.current_leader.is_some() || m.running_state.is_err());
        match tokio::time::timeout_at(deadline, known).await {
            Err(_) => Ok(None),
            Ok(Err(_)) => Err(ClusterError::Stopped("shut down".into())),
            Ok(Ok(m)) => m.running_state.clone().map(|()| m.current_leader).map_err(stopped),
        }
    }

    async fn send(&self, leader: u64, command: Command) -> Result<Applied, NotProposed> {
        if leader == self.me {
            return write_here(&self.raft, command).await;
        }
        match self.peers.call(leader, "/peer/v1/propose", &command, SEND_DEADLINE).await {
            Ok(answer) => answer,
            Err(CallError::Unreachable(_)) => Err(NotProposed::NotLeader),
            Err(CallError::Unanswered(reason)) => Err(NotProposed::Unknown(reason)),
        }
    }
}

/// Proposes at this site, which is the leader or says so.
pub(super) async fn write_here(raft: &Raft<Vault>, command: Command) -> Result<Applied, NotProposed> {
    match tokio::time::timeout(SEND_DEADLINE, raft.client_write(command)).await {
        Ok(Ok(written)) => Ok(Applied { outcome: written.data, index: written.log_id.index }),
        Ok(Err(RaftError::APIError(ClientWriteError::ForwardToLeader(_)))) => Err(NotProposed::NotLeader),
        Ok(Err(error)) => Err(NotProposed::Unknown(error.to_string())),
        Err(_) => Err(NotProposed::Unknown("no majority".into())),
    }
}

fn raft_config(timing: Timing) -> Result<openraft::Config, ClusterError> {
    let config = openraft::Config {
        cluster_name: "keepsake".into(),
        heartbeat_interval: timing.heartbeat_ms,
        election_timeout_min: timing.election_min_ms,
        election_timeout_max: timing.election_max_ms,
        install_snapshot_timeout: 5_000,
        snapshot_max_chunk_size: wire::SNAPSHOT_CHUNK,
        max_payload_entries: wire::MAX_ENTRIES_PER_APPEND,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(5_000),
        max_in_snapshot_log_to_keep: 1_000,
        ..openraft::Config::default()
    };
    config.validate().map_err(|e| ClusterError::Stopped(e.to_string()))
}

fn listen(
    listener: TcpListener,
    tls: rustls::ServerConfig,
    raft: Raft<Vault>,
) -> Result<Handle<SocketAddr>, ClusterError> {
    let handle = Handle::new();
    listener.set_nonblocking(true)?;
    let server = axum_server::from_tcp(listener)?.acceptor(peer_api::NamedPeers::new(tls)).handle(handle.clone());
    let service = peer_api::router(raft).into_make_service();
    tokio::spawn(async move {
        if let Err(error) = server.serve(service).await {
            tracing::error!(%error, "the peer listener stopped");
        }
    });
    Ok(handle)
}

fn stopped(error: impl std::fmt::Display) -> ClusterError {
    ClusterError::Stopped(error.to_string())
}
