//! A session of the emulator's own host over HTTP: for what the crate's client cannot say.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use hsm_mock::host::{Host, HostError};

type Transport = Box<dyn FnMut(&[u8]) -> Vec<u8>>;

pub(crate) struct RawClient(Host<Transport>);

impl RawClient {
    pub(crate) fn open(address: SocketAddr, key: u16, password: &[u8]) -> Result<Self, HostError> {
        Host::open(over_http(address), key, password).map(Self)
    }

    pub(crate) fn command(&mut self, code: u8, data: &[u8]) -> Result<Vec<u8>, HostError> {
        self.0.command(code, data)
    }
}

/// A connection for each message, which ends it.
pub(crate) fn over_http(address: SocketAddr) -> Transport {
    Box::new(move |message| try_over_http(address, message).unwrap_or_default())
}

/// The body of a good answer.
pub(crate) fn try_over_http(address: SocketAddr, message: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /connector/api HTTP/1.0\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        message.len()
    );
    stream.write_all(&[head.as_bytes(), message].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    answer.starts_with(b"HTTP/1.1 200 ").then(|| answer.split_off(end + 4))
}
