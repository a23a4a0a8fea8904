//! What peers may call here: Raft's RPCs and proposals, each only in the caller's own name.

use super::cluster::{Applied, NotProposed, write_here};
use super::{Vault, node_id, tls, wire};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::AddExtension;
use axum::routing::post;
use axum::{Extension, Router};
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use openraft::Raft;
use openraft::raft::{AppendEntriesRequest, InstallSnapshotRequest, VoteRequest};
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;
use std::io;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_layer::Layer;
use vault_protocol::SiteIndex;
use vault_state::Command;

/// The site that the caller's certificate names.
#[derive(Clone, Copy, Debug)]
pub struct Caller(SiteIndex);

pub fn router(raft: Raft<Vault>) -> Router {
    Router::new()
        .route("/peer/v1/append", post(append))
        .route("/peer/v1/vote", post(vote))
        .route("/peer/v1/snapshot", post(snapshot))
        .route("/peer/v1/propose", post(propose))
        .layer(DefaultBodyLimit::max(wire::MAX_BODY))
        .with_state(raft)
}

type Reply = Result<Vec<u8>, StatusCode>;

async fn append(Extension(caller): Extension<Caller>, State(raft): State<Raft<Vault>>, body: Bytes) -> Reply {
    let rpc: AppendEntriesRequest<Vault> = read(&body)?;
    caller.must_be(rpc.vote.leader_id.node_id)?;
    answer(&raft.append_entries(rpc).await)
}

async fn vote(Extension(caller): Extension<Caller>, State(raft): State<Raft<Vault>>, body: Bytes) -> Reply {
    let rpc: VoteRequest<u64> = read(&body)?;
    caller.must_be(rpc.vote.leader_id.node_id)?;
    answer(&raft.vote(rpc).await)
}

async fn snapshot(Extension(caller): Extension<Caller>, State(raft): State<Raft<Vault>>, body: Bytes) -> Reply {
    let rpc: InstallSnapshotRequest<Vault> = read(&body)?;
    caller.must_be(rpc.vote.leader_id.node_id)?;
    answer(&raft.install_snapshot(rpc).await)
}

async fn propose(Extension(caller): Extension<Caller>, State(raft): State<Raft<Vault>>, body: Bytes) -> Reply {
    let command: Command = read(&body)?;
    if let Some(site) = speaker(&command) {
        caller.must_be(node_id(site))?;
    }
    let result: Result<Applied, NotProposed> = write_here(&raft, command).await;
    answer(&result)
}

/// The site whose own word a command is: what it evaluated, what it was asked for, what it was shown.
fn speaker(command: &Command) -> Option<SiteIndex> {
    match command {
        Command::RecordRegistrationEvaluation { site, .. }
        | Command::OpenPasskeyRegistration { site, .. }
        | Command::NotePasskeyRefused { site, .. } => Some(*site),
        // These carry their proofs, or need none.
        Command::Register { .. }
        | Command::ReserveGuess { .. }
        | Command::Confirm { .. }
        | Command::Remove { .. }
        | Command::Expire { .. }
        | Command::SetRoster { .. }
        | Command::UsePasskey { .. } => None,
    }
}

impl Caller {
    fn must_be(self, claimed: u64) -> Result<(), StatusCode> {
        if node_id(self.0) == claimed { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, StatusCode> {
    wire::decode(body).map_err(|_| StatusCode::BAD_REQUEST)
}

fn answer<T: Serialize>(result: &T) -> Reply {
    wire::encode(result).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Lets in only connections whose certificate names a site, and tells the handlers which.
#[derive(Clone)]
pub struct NamedPeers(RustlsAcceptor);

impl NamedPeers {
    pub fn new(config: rustls::ServerConfig) -> Self {
        Self(RustlsAcceptor::new(RustlsConfig::from_config(std::sync::Arc::new(config))))
    }
}

impl<I, S> Accept<I, S> for NamedPeers
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Send + 'static,
{
    type Stream = tokio_rustls::server::TlsStream<I>;
    type Service = AddExtension<S, Caller>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepting = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let site = leaf.and_then(tls::named_site).ok_or(io::ErrorKind::PermissionDenied)?;
            Ok((stream, Extension(Caller(site)).layer(service)))
        })
    }
}
