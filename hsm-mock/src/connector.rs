//! The yubihsm-connector HTTP protocol: `GET /connector/status` and `POST /connector/api`.
//!
//! Source: yubihsm-connector 3.0.7, a Go program over `net/http`: it closes a connection that idles
//! for 5 seconds, and sends answers over 2,048 bytes in chunks. Both are on here, and can be turned
//! off. Head and body of a response leave in one write, because clients that read a response with
//! one `read` depend on it.

pub(crate) mod head;
pub(crate) mod http;
mod idle;
mod options;
pub(crate) mod response;
mod routes;
mod running;
#[cfg(feature = "tls")]
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::emulator::Emulator;
use http::{Connection, Read};
use idle::IdleConnections;
pub use options::{ConnectorOptions, LOCAL_HOSTS};
use response::Response;
pub use running::{
    BackgroundEmulator, RunningEmulator, spawn, spawn_in_background, spawn_in_background_with,
    spawn_with,
};
#[cfg(feature = "tls")]
pub use tls::Tls;

/// Connections at once, below the 1,024 open files that a process usually has. When they are
/// taken, the one that has idled longest is closed for the next client.
const CONNECTIONS: usize = 768;
/// Pause after a connection could not be accepted, for want of file descriptors perhaps.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `emulator` on `listener` for as long as the future is polled; dropping it closes every
/// connection, as pulling the connector's plug would.
///
/// # Errors
/// The listener has no address.
pub async fn serve(
    listener: TcpListener,
    emulator: Emulator,
    options: ConnectorOptions,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let options = Arc::new(options);
    let idle = IdleConnections::default();
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            idle.evict_oldest();
            connections.join_next().await;
        }
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "MOCK connector: connection not accepted");
                idle.evict_oldest();
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let client = Client {
            address,
            options: options.clone(),
            idle: idle.clone(),
            emulator: emulator.clone(),
        };
        connections.spawn(async move {
            if let Err(error) = client.accepted(stream).await {
                tracing::debug!(%error, "MOCK connector: connection ended");
            }
        });
    }
}

/// What serving one connection needs.
struct Client {
    address: SocketAddr,
    options: Arc<ConnectorOptions>,
    idle: IdleConnections,
    emulator: Emulator,
}

impl Client {
    async fn accepted(self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.options.tls {
            let stream = tls.accept(stream).await?;
            return self.serve(stream).await;
        }
        self.serve(stream).await
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        let mut connection = Connection::new(stream, routes::LONGEST_MESSAGE);
        while self.begun(&mut connection).await? {
            let response = match connection.read_request().await? {
                Read::Request(request) => {
                    routes::answer(request, self.address, &self.options, &self.emulator).await
                }
                Read::Refused(error) => Some(Response::refusal(error)),
                Read::End => return Ok(()),
            };
            let Some(response) = response else { return Ok(()) };
            connection.respond(&response).await?;
            if response.closes() {
                return connection.finish().await;
            }
        }
        Ok(())
    }

    /// Waits for the next request; false if the client left, idled too long, or must make room.
    async fn begun<S>(&self, connection: &mut Connection<S>) -> io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut place = self.idle.wait();
        let idled = async {
            match self.options.idle_timeout {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            begun = connection.wait() => begun,
            () = idled => Ok(false),
            _ = &mut place.evicted => Ok(false),
        }
    }
}
