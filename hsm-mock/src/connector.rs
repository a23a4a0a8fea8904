//! The yubihsm-connector HTTP protocol: `GET /connector/status` and `POST /connector/api`.
//!
//! Source: yubihsm-connector 3.0.7. Head and body of a response leave in one write, and connections are kept alive,
//! because clients that read a response with one `read` depend on it.

mod http;
mod running;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::emulator::Emulator;
use http::{Connection, Method, Request, Status};
pub use running::{BackgroundEmulator, RunningEmulator, spawn, spawn_in_background};

/// The connector passes messages of 3 to 3,139 bytes: a header alone, up to a header and a buffer of 3,136.
const SHORTEST_MESSAGE: usize = 3;
const LONGEST_MESSAGE: usize = 3139;
/// Connections at once; more wait to be accepted.
const CONNECTIONS: usize = 256;

/// Pause after a connection could not be accepted, for want of file descriptors perhaps.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `emulator` on `listener` for as long as the future is polled; dropping it closes every connection, as pulling
/// the connector's plug would.
///
/// # Errors
/// The listener has no address.
pub async fn serve(listener: TcpListener, emulator: Emulator) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "MOCK connector: connection not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let emulator = emulator.clone();
        connections.spawn(async move {
            if let Err(error) = serve_connection(stream, address, &emulator).await {
                tracing::debug!(%error, "MOCK connector: connection ended");
            }
        });
    }
}

async fn serve_connection(stream: TcpStream, address: SocketAddr, emulator: &Emulator) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(stream, LONGEST_MESSAGE);
    loop {
        match connection.read_request().await? {
            http::Read::Request(request) => {
                let close = request.close;
                let (status, kind, body) = answer(request, address, emulator).await;
                connection.respond(status, kind, &body, close).await?;
                if close {
                    return Ok(());
                }
            }
            http::Read::Refused(status) => return connection.respond(status, TEXT, b"", true).await,
            http::Read::End => return Ok(()),
        }
    }
}

const TEXT: &str = "text/plain; charset=utf-8";
const BINARY: &str = "application/octet-stream";

async fn answer(request: Request, address: SocketAddr, emulator: &Emulator) -> (Status, &'static str, Vec<u8>) {
    match (request.path.as_str(), request.method) {
        ("/connector/status", Method::Get) => (Status::Ok, TEXT, status(address).into_bytes()),
        ("/connector/api", Method::Post) if request.body.len() < SHORTEST_MESSAGE => (Status::BadRequest, TEXT, vec![]),
        ("/connector/api", Method::Post) => {
            let mut reply = emulator.transceive(request.body).await;
            (Status::Ok, BINARY, std::mem::take(&mut *reply))
        }
        ("/connector/status" | "/connector/api", _) => (Status::MethodNotAllowed, TEXT, vec![]),
        _ => (Status::NotFound, TEXT, vec![]),
    }
}

/// Lines of key=value; clients read at most 256 bytes and want `status=OK`.
fn status(address: SocketAddr) -> String {
    format!(
        "status=OK\nserial=*\nversion=3.0.7-MOCK\npid={}\naddress={}\nport={}\n",
        std::process::id(),
        address.ip(),
        address.port()
    )
}
