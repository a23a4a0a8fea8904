//! Accepts connections, as many as there are places.

use super::connection::{Address, Serving, Tls, serve};
use super::connections::Connections;
use crate::site::Origin;
use axum::Router;
use ipnet::IpNet;
use serde::Deserialize;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// After a failure to accept, which is the system's.
const PAUSE: Duration = Duration::from_millis(100);

/// How a proxy in front of the site names its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyKind {
    /// Before the connection's own bytes: the proxy passes TLS on as it is.
    ProxyProtocol,
    /// In each request's header `Forwarded` (RFC 7239): the proxy speaks TLS with the site.
    Forwarded,
}

/// Proxies whose word on an address is taken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Which of its protocols it speaks.
    pub kind: ProxyKind,
    /// Networks, as `10.0.0.0/8` or `192.0.2.1/32`.
    pub trusted: Vec<IpNet>,
}

impl Proxy {
    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

/// A running listener.
pub struct Listener {
    /// Certificate and key, which can be replaced.
    pub tls: Tls,
    /// Those that are open.
    pub connections: Connections,
    proxy: Arc<RwLock<Option<Proxy>>>,
    open: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Listener {
    /// Serves `router` to whoever connects; with `only_sites`, to callers whose certificate names a
    /// site.
    ///
    /// # Errors
    /// The socket's.
    pub fn start(
        socket: StdListener,
        tls: Tls,
        router: Router,
        only_sites: bool,
        most: usize,
        proxy: Option<Proxy>,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let socket = TcpListener::from_std(socket)?;
        let (open, is_open) = watch::channel(true);
        let connections = Connections::at_most(most);
        let proxy = Arc::new(RwLock::new(proxy));
        let serving = Serving { tls: tls.clone(), router, only_sites, open: is_open };
        let accepting = tokio::spawn(accept(socket, connections.clone(), proxy.clone(), serving));
        Ok(Self { tls, connections, proxy, open, accepting })
    }

    /// For connections from now on.
    pub fn set_proxy(&self, proxy: Option<Proxy>) {
        *self.proxy.write().unwrap_or_else(PoisonError::into_inner) = proxy;
    }

    /// Accepts nothing more, lets requests that are under way come to their end, and then returns;
    /// after `grace` it returns all the same.
    pub async fn stop(self, grace: Duration) {
        self.accepting.abort();
        let _ = self.open.send(false);
        let drained = async {
            while !self.connections.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(grace, drained).await;
    }
}

async fn accept(
    socket: TcpListener,
    connections: Connections,
    proxy: Arc<RwLock<Option<Proxy>>>,
    serving: Serving,
) {
    loop {
        match socket.accept().await {
            Ok((tcp, from)) => {
                let kind = {
                    let proxy = proxy.read().unwrap_or_else(PoisonError::into_inner);
                    proxy.as_ref().filter(|p| p.is_trusted(from.ip())).map(|p| p.kind)
                };
                begin(tcp, from, kind, &connections, &serving);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn begin(
    tcp: TcpStream,
    from: SocketAddr,
    proxy: Option<ProxyKind>,
    connections: &Connections,
    serving: &Serving,
) {
    let address = from.ip().to_canonical();
    let address_from = match proxy {
        None => Address::Direct,
        Some(ProxyKind::ProxyProtocol) => Address::Announced,
        Some(ProxyKind::Forwarded) => Address::InRequests,
    };
    let Some(place) = connections.enter(Origin::of(address), proxy.is_some()) else {
        return tracing::debug!(%address, "too many connections of one address");
    };
    let place = Arc::new(place);
    let serving = serving.clone();
    let held = place.clone();
    let task = tokio::spawn(async move { serve(tcp, address, address_from, &held, serving).await });
    place.served_by(task.abort_handle());
}
