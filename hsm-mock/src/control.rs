//! The control port: another program makes a device fail, over HTTP with one line of text.
//!
//! `GET /devices` lists serial numbers; `POST /devices/SERIAL` with an [`Action`] as its body does
//! it. Whoever reaches the port can do anything to the device; keep it on this machine.

mod action;

use std::io;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub use action::Action;

use crate::connector::head::Method;
use crate::connector::http::{Connection, Read, Request};
use crate::connector::response::Response;
use crate::emulator::Emulator;

/// The longest action is less than half of this.
const LONGEST_ACTION: usize = 128;
const DEVICES: &str = "/devices";

/// Serves the control port of `devices` for as long as the future is polled.
///
/// # Errors
/// The listener is gone.
pub async fn serve_control(listener: TcpListener, devices: Vec<Emulator>) -> io::Result<()> {
    let devices: Arc<[Emulator]> = devices.into();
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let (stream, _) = listener.accept().await?;
        let devices = devices.clone();
        connections.spawn(async move { serve_connection(stream, &devices).await });
    }
}

async fn serve_connection(stream: TcpStream, devices: &[Emulator]) -> io::Result<()> {
    let mut connection = Connection::new(stream, LONGEST_ACTION);
    while connection.wait().await? {
        let response = match connection.read_request().await? {
            Read::Request(request) => answer(&request, devices),
            Read::Refused(error) => Response::refusal(error),
            Read::End => return Ok(()),
        };
        connection.respond(&response).await?;
        if response.closes() {
            return connection.finish().await;
        }
    }
    Ok(())
}

fn answer(request: &Request, devices: &[Emulator]) -> Response {
    let close = request.head.close;
    let response = match (request.head.method, request.head.path.as_str()) {
        (Method::Get, DEVICES) => {
            Response::text(devices.iter().map(|device| format!("{}\n", device.serial())).collect())
        }
        (Method::Post, path) => match find(path, devices) {
            Some(device) => carry_out(device, request.body.as_deref().unwrap_or_default()),
            None => Response::not_found(),
        },
        _ => Response::not_found(),
    };
    response.closing(close)
}

fn find<'a>(path: &str, devices: &'a [Emulator]) -> Option<&'a Emulator> {
    let serial: u32 = path.strip_prefix(DEVICES)?.strip_prefix('/')?.parse().ok()?;
    devices.iter().find(|device| device.serial() == serial)
}

fn carry_out(device: &Emulator, body: &[u8]) -> Response {
    let action = std::str::from_utf8(body).unwrap_or_default().trim().parse::<Action>();
    match action {
        Err(reason) => Response::explained("400 Bad Request", &reason),
        Ok(action) => match action.carry_out(device) {
            Ok(text) => Response::text(format!("{text}\n")),
            Err(error) => Response::explained("500 Internal Server Error", &error.to_string()),
        },
    }
}
