//! The yubihsm-connector HTTP protocol: `GET /connector/status` and `POST /connector/api`.
//!
//! Source: yubihsm-connector 3.0.7. Head and body of a response leave in one write, and connections are kept alive,
//! because clients that read a response with one `read` depend on it.

mod http;
mod running;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::emulator::Emulator;
use http::{Connection, Method, Request, Status};
pub use running::{BackgroundEmulator, RunningEmulator, spawn, spawn_in_background};

/// The connector passes messages of 3 to 3,139 bytes: a header alone, up to a header and a buffer of 3,136.
const SHORTEST_MESSAGE: usize = 3;
const LONGEST_MESSAGE: usize = 3139;
/// Connections at once; more wait to be accepted.
const CONNECTIONS: usize = 256;

/// Serves `emulator` on `listener` until the listener fails.
///
/// # Errors
/// The listener cannot accept connections any more.
pub async fn serve(listener: TcpListener, emulator: Emulator) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let address = listener.local_addr()?;
    loop {
        let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
        let (stream, _) = listener.accept().await?;
        let emulator = emulator.clone();
        tokio::spawn(async move {
            let _place = place;
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
