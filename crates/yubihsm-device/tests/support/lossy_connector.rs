//! A connector that loses a message or an answer when told to, in front of an emulated device.

use super::Device;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use yubihsm_device::ConnectorAddress;

/// What is lost: then the connection ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lose {
    Message,
    Answer,
}

pub(crate) struct LossyConnector {
    address: SocketAddr,
    /// After how many more requests.
    next: Arc<Mutex<Option<(usize, Lose)>>>,
    stopped: Arc<Mutex<bool>>,
    thread: std::thread::JoinHandle<()>,
}

impl LossyConnector {
    pub(crate) fn before(device: &Device) -> Self {
        Self::at(0, device)
    }

    pub(crate) fn at(port: u16, device: &Device) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let address = listener.local_addr().unwrap();
        let (next, stopped) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(false)));
        let (lose, over, real) = (next.clone(), stopped.clone(), device.running.address());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *over.lock().unwrap() {
                    return;
                }
                pass_on(stream, real, &lose);
            }
        });
        Self { address, next, stopped, thread }
    }

    pub(crate) fn address(&self) -> ConnectorAddress {
        ConnectorAddress { host: "127.0.0.1".into(), port: self.address.port() }
    }

    pub(crate) fn lose_next(&self, lose: Lose) {
        self.lose_after(0, lose);
    }

    /// Passes so many requests on before.
    pub(crate) fn lose_after(&self, passed: usize, lose: Lose) {
        *self.next.lock().unwrap() = Some((passed, lose));
    }

    /// Frees the port.
    pub(crate) fn stop(self) {
        *self.stopped.lock().unwrap() = true;
        let _ = TcpStream::connect(self.address);
        self.thread.join().unwrap();
    }
}

/// One request and its answer; both fit one buffer, and the client waits for the answer.
fn pass_on(mut client: TcpStream, real: SocketAddr, lose: &Mutex<Option<(usize, Lose)>>) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        let mut bytes = [0; 4096];
        match client.read(&mut bytes) {
            Ok(n) if n > 0 => request.extend_from_slice(&bytes[..n]),
            _ => return,
        }
    }
    let lost = take(&mut lose.lock().unwrap());
    if lost == Some(Lose::Message) {
        return;
    }
    let mut device = TcpStream::connect(real).unwrap();
    device.write_all(&request).unwrap();
    let mut answer = Vec::new();
    device.read_to_end(&mut answer).unwrap();
    if lost.is_none() {
        let _ = client.write_all(&answer);
    }
}

/// What is lost now.
fn take(next: &mut Option<(usize, Lose)>) -> Option<Lose> {
    match next {
        Some((0, lose)) => {
            let lose = *lose;
            *next = None;
            Some(lose)
        }
        Some((passed, _)) => {
            *passed -= 1;
            None
        }
        None => None,
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let length = text
        .lines()
        .find_map(|l| l.strip_prefix("content-length: ")?.trim().parse().ok())
        .unwrap_or(0);
    request.len() >= end + 4 + length
}
