//! `GET /connector/status` and `POST /connector/api`, and what a client gets for anything else.
//!
//! Source: yubihsm-connector 3.0.7, and the router of Go's `net/http` that it uses.

use std::net::SocketAddr;

use super::ConnectorOptions;
use super::head::{Head, Method};
use super::http::Request;
use super::response::Response;
use crate::emulator::Emulator;
use crate::faults::ConnectorFault;

/// The connector passes messages of 3 to 3,139 bytes: a header alone, up to a header and a buffer
/// of 3,136.
const SHORTEST_MESSAGE: usize = 3;
pub(super) const LONGEST_MESSAGE: usize = 3139;

/// Answers one request; `None` if the connection ends without an answer.
pub(super) async fn answer(
    request: Request,
    address: SocketAddr,
    options: &ConnectorOptions,
    emulator: &Emulator,
) -> Option<Response> {
    let Request { head, body } = request;
    let response = match route(&head) {
        Route::Moved(location) => Response::moved(&location),
        Route::Unknown => Response::not_found(),
        _ if !options.admits(&head.host) => Response::error("403 Forbidden"),
        Route::Status => status(&head, address).identified(head.request_id.as_deref()),
        Route::Api => api(&head, body, emulator).await?.identified(head.request_id.as_deref()),
    };
    let response = response
        .closing(head.close)
        .chunking(options.chunked_answers && !head.is_1_0)
        .without_body(head.method == Method::Head);
    Some(response)
}

enum Route {
    Status,
    Api,
    Moved(String),
    Unknown,
}

fn route(head: &Head) -> Route {
    let clean = clean_path(&head.path);
    if clean != head.path {
        return Route::Moved(format!("{clean}{}", head.query));
    }
    match head.path.as_str() {
        "/connector/status" => Route::Status,
        "/connector/api" => Route::Api,
        _ => Route::Unknown,
    }
}

/// The path without empty, `.` and `..` parts; a slash at the end stays.
fn clean_path(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let end = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("/{}{end}", parts.join("/"))
}

fn status(head: &Head, address: SocketAddr) -> Response {
    if head.method != Method::Get {
        return Response::error("405 Method Not Allowed").with("Allow", "GET");
    }
    // Lines of key=value; clients read at most 256 bytes and want `status=OK`.
    Response::text(format!(
        "status=OK\nserial=*\nversion=3.0.7-MOCK\npid={}\naddress={}\nport={}\n",
        std::process::id(),
        address.ip(),
        address.port()
    ))
}

async fn api(head: &Head, body: Option<Vec<u8>>, emulator: &Emulator) -> Option<Response> {
    if head.method != Method::Post {
        return Some(Response::error("405 Method Not Allowed").with("Allow", "POST"));
    }
    match body.filter(|body| (SHORTEST_MESSAGE..=LONGEST_MESSAGE).contains(&body.len())) {
        None => Some(Response::error("400 Bad Request")),
        Some(message) => pass_on(message, emulator).await,
    }
}

/// Carries a message to the device, with whatever is to happen to it on its way.
async fn pass_on(message: Vec<u8>, emulator: &Emulator) -> Option<Response> {
    let fault = emulator.next_fault();
    match fault {
        Some(ConnectorFault::DropMessage) => return None,
        Some(ConnectorFault::NoDevice) => {
            return Some(Response::error("500 Internal Server Error"));
        }
        Some(ConnectorFault::Duplicate) => drop(emulator.transceive(message.clone()).await),
        _ => {}
    }
    let mut reply = emulator.transceive(message).await;
    match fault {
        Some(ConnectorFault::DropAnswer) => return None,
        Some(ConnectorFault::Delay(time)) => tokio::time::sleep(time).await,
        Some(ConnectorFault::Corrupt) => {
            if let Some(byte) = reply.last_mut() {
                *byte ^= 1;
            }
        }
        _ => {}
    }
    Some(Response::binary(std::mem::take(&mut *reply)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_gos_router_cleans_them() {
        let cases = [
            ("/connector/api", "/connector/api"),
            ("//connector/api", "/connector/api"),
            ("/connector/../connector/./api", "/connector/api"),
            ("/connector/api/", "/connector/api/"),
            ("/", "/"),
            ("/..", "/"),
        ];
        for (path, clean) in cases {
            assert_eq!(clean_path(path), clean);
        }
    }
}
