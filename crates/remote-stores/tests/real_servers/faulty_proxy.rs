//! Between a client and a server that speaks HTTP: drops, delays, truncates and refuses some of
//! what goes through, in an order that follows from a seed.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request with its body: above the largest pack, with its headers.
const MAX_REQUEST: usize = 48 * 1024 * 1024;

pub(crate) struct FaultyProxy {
    pub port: u16,
    faults: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

#[derive(Clone, Copy)]
enum Fault {
    DropBefore,
    /// The server did as it was asked, and nobody hears of it.
    DropAfter,
    Truncate,
    Delay,
    Status(&'static str),
}

const FAULTS: [Fault; 7] = [
    Fault::DropBefore,
    Fault::DropAfter,
    Fault::Truncate,
    Fault::Delay,
    Fault::Status("500 Internal Server Error"),
    Fault::Status("429 Too Many Requests"),
    Fault::Status("507 Insufficient Storage"),
];

impl FaultyProxy {
    /// One request in `one_in` meets a fault.
    pub(crate) fn start(upstream: u16, seed: u64, one_in: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (faults, stopped) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, ends) = (faults.clone(), stopped.clone());
        let dice = Arc::new(Mutex::new(Dice(seed)));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (dice, counted) = (dice.clone(), counted.clone());
                std::thread::spawn(move || {
                    let fault = {
                        let mut dice = dice.lock().unwrap();
                        let strikes = dice.below(one_in) == 0;
                        strikes.then(|| FAULTS[dice.below(FAULTS.len() as u64) as usize])
                    };
                    counted.fetch_add(u64::from(fault.is_some()), Ordering::SeqCst);
                    // Whatever goes wrong here is one more fault.
                    let _ = relay(client, upstream, fault);
                });
            }
        });
        Self { port, faults, stopped }
    }

    pub(crate) fn faults(&self) -> u64 {
        self.faults.load(Ordering::SeqCst)
    }
}

impl Drop for FaultyProxy {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// One request, and its answer; then the connection is closed.
fn relay(mut client: TcpStream, upstream: u16, fault: Option<Fault>) -> std::io::Result<()> {
    let Some(request) = read_request(&mut client)? else { return Ok(()) };
    match fault {
        Some(Fault::DropBefore) => return client.shutdown(Shutdown::Both),
        Some(Fault::Delay) => std::thread::sleep(Duration::from_millis(300)),
        Some(Fault::Status(status)) => {
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return client.write_all(answer.as_bytes());
        }
        _ => {}
    }
    let mut server = TcpStream::connect(("127.0.0.1", upstream))?;
    server.write_all(&request)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    match fault {
        Some(Fault::DropAfter) => client.shutdown(Shutdown::Both),
        Some(Fault::Truncate) => client.write_all(&answer[..answer.len() / 2]),
        _ => client.write_all(&answer),
    }
}

/// Head and body, with `Connection: close`. `None` for a connection on which nothing was asked.
fn read_request(client: &mut TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut part = vec![0; 64 * 1024];
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        match client.read(&mut part)? {
            0 => return Ok(None),
            n => bytes.extend_from_slice(&part[..n]),
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let header = |name: &str| {
        let named = |line: &&str| line.to_ascii_lowercase().starts_with(&format!("{name}:"));
        text.lines().find(named).map(|line| line[name.len() + 1..].trim().to_string())
    };
    assert!(header("transfer-encoding").is_none(), "bodies come with their length");
    let length: usize = header("content-length").map_or(0, |n| n.parse().unwrap());
    assert!(length < MAX_REQUEST);
    while bytes.len() < head + length {
        match client.read(&mut part)? {
            0 => return Ok(None),
            n => bytes.extend_from_slice(&part[..n]),
        }
    }
    let is_kept = |line: &&str| !line.to_ascii_lowercase().starts_with("connection:");
    let lines: Vec<&str> = text.trim_end().lines().filter(is_kept).collect();
    let mut request = format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n")).into_bytes();
    request.extend_from_slice(&bytes[head..]);
    Ok(Some(request))
}
