//! One connection, from its first byte to its last.

use super::connections::Place;
use super::patient_stream::{IDLE, PatientStream, Phase};
use super::proxy_protocol::{Announced, read_announcement};
use crate::site::Origin;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower_service::Service;
use vault_protocol::SiteIndex;

/// For the whole TLS handshake.
const TLS: Duration = Duration::from_secs(10);
/// For a proxy's announcement, which is its first packet.
const ANNOUNCEMENT: Duration = Duration::from_secs(5);
/// Of a request's header; the largest of ours is under 1 KiB.
const MAX_HEADER: usize = 16 * 1024;

/// Certificates as they are now. Clones share them.
#[derive(Clone)]
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl Tls {
    /// What listeners take from now on.
    pub fn new(config: ServerConfig) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(config))))
    }

    /// For connections from now on.
    pub fn replace(&self, config: ServerConfig) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    fn now(&self) -> Arc<ServerConfig> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Who calls, as far as the connection shows it. Every request carries it.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Behind a proxy, the one that it announced.
    pub address: IpAddr,
    /// A proxy that the configuration trusts: its requests name the address.
    pub is_proxy: bool,
    /// The site that the caller's certificate names, at the peers' listener.
    pub site: Option<SiteIndex>,
}

impl Caller {
    /// What limits are counted by.
    pub fn origin(&self) -> Origin {
        Origin::of(self.address)
    }
}

/// What a connection needs to be served.
#[derive(Clone)]
pub(super) struct Serving {
    pub tls: Tls,
    pub router: Router,
    /// The callers' certificates name sites; without one nobody is served.
    pub only_sites: bool,
    /// Closed when the site stops.
    pub open: watch::Receiver<bool>,
}

/// Where the caller's address comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// The connection's.
    Direct,
    /// A proxy's announcement.
    Announced,
    /// Each request's header.
    InRequests,
}

/// Serves a connection. Whatever goes wrong with it concerns nobody else.
pub(super) async fn serve(
    mut tcp: TcpStream,
    address: IpAddr,
    from: Address,
    place: &Place,
    serving: Serving,
) {
    let mut caller = Caller { address, is_proxy: from == Address::InRequests, site: None };
    if from == Address::Announced {
        let reading = tokio::time::timeout(ANNOUNCEMENT, read_announcement(&mut tcp));
        match reading.await {
            Ok(Ok(Announced::Address(client))) => caller.address = client,
            // The proxy looks whether the port is open: it is.
            Ok(Ok(Announced::Itself)) => return,
            _ => return tracing::debug!(%address, "a connection without the proxy's announcement"),
        }
        if place.is_of(caller.origin()).is_none() {
            return tracing::debug!(address = %caller.address, "too many connections of one address");
        }
    }
    // Small answers are written at once; a peer or client waits for each.
    let _ = tcp.set_nodelay(true);
    let accepting = TlsAcceptor::from(serving.tls.now()).accept(tcp);
    let Ok(Ok(stream)) = tokio::time::timeout(TLS, accepting).await else { return };
    if serving.only_sites {
        caller.site = named_site(&stream);
        if caller.site.is_none() {
            return tracing::debug!(%address, "a peer whose certificate names no site");
        }
    }
    answer(stream, caller, place, serving).await;
}

fn named_site(stream: &TlsStream<TcpStream>) -> Option<SiteIndex> {
    let certificate = stream.get_ref().1.peer_certificates()?.first()?;
    crate::peers::tls::named_site(certificate)
}

async fn answer(stream: TlsStream<TcpStream>, caller: Caller, place: &Place, mut serving: Serving) {
    let phase = place.phase.clone();
    let io = TokioIo::new(PatientStream::new(stream, phase.clone()));
    let router = serving.router.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        respond(router.clone(), phase.clone(), caller, request)
    });
    let mut http = http1::Builder::new();
    // Its clock runs from the answer before, so it is the time for idling; the stream cuts off
    // headers.
    http.timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(MAX_HEADER * 2);
    let mut connection = pin!(http.serve_connection(io, service));
    let stopping = async move {
        // An error means the same: whoever could say it is gone.
        let _ = serving.open.wait_for(|open| !*open).await;
    };
    tokio::select! {
        // A client that goes away is no error of the site.
        _ = connection.as_mut() => return,
        () = stopping => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

async fn respond(
    mut router: Router,
    phase: Phase,
    caller: Caller,
    request: hyper::Request<Incoming>,
) -> Result<Response, std::convert::Infallible> {
    phase.answering();
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(caller);
    let response = router.call(request).await;
    phase.answered();
    response
}
