//! Commands a second in one session, one client over loopback: the MOCK YubiHSM2 with an empty and
//! a full store, in memory and in a file, and the MockHsm of the yubihsm crate beside it.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use hsm_mock::host::Host;
use hsm_mock::{BackgroundEmulator, Config, Emulator, spawn_in_background};
use yubihsm::authentication::Credentials;
use yubihsm::connector::HttpConfig;
use yubihsm::{Capability, Client, Connector, Domain, asymmetric, object};

const KEY: object::Id = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: u32 = std::env::args().nth(1).map_or(Ok(5000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let in_file = Config::new(2).with_state_file(folder.path().join("state.db"));
    println!("commands a second, {rounds} each        echo   object info   ECDSA P-256");
    let empty = Emulator::new(Config::new(1))?;
    emulator("emulator, empty store", &empty, rounds)?;
    let full = Emulator::new(Config::new(1))?;
    emulator_filled("emulator, full store", &full, rounds)?;
    let stored = Emulator::new(in_file)?;
    emulator_filled("emulator, full store, in a file", &stored, rounds)?;
    let served = spawn_in_background(empty)?;
    let http = Connector::http(&HttpConfig {
        addr: served.address().ip().to_string(),
        port: served.address().port(),
        timeout_ms: 5000,
    });
    client("yubihsm crate over HTTP to it", http, rounds)?;
    client("yubihsm crate and its MockHsm", Connector::mockhsm(), rounds)?;
    Ok(())
}

fn emulator(name: &str, emulator: &Emulator, rounds: u32) -> Result<(), Box<dyn Error>> {
    let served = spawn_in_background(emulator.clone())?;
    let mut session = session(&served)?;
    put_key(&mut session)?;
    commands(name, &mut session, rounds)
}

/// The key is there before the store is full.
fn emulator_filled(name: &str, emulator: &Emulator, rounds: u32) -> Result<(), Box<dyn Error>> {
    let served = spawn_in_background(emulator.clone())?;
    let mut session = session(&served)?;
    put_key(&mut session)?;
    emulator.fill_storage()?;
    commands(name, &mut session, rounds)
}

type Session = Host<Box<dyn FnMut(&[u8]) -> Vec<u8>>>;

fn session(served: &BackgroundEmulator) -> Result<Session, Box<dyn Error>> {
    let mut connection = Connection::open(served.address())?;
    let transport: Box<dyn FnMut(&[u8]) -> Vec<u8>> =
        Box::new(move |message| connection.exchange(message).unwrap_or_default());
    Host::open(transport, 1, b"password").map_err(|error| format!("{error:?}").into())
}

fn put_key(session: &mut Session) -> Result<(), Box<dyn Error>> {
    let can = (Capability::SIGN_ECDSA).bits().to_be_bytes();
    let key = [&KEY.to_be_bytes()[..], &[0; 40], &[0, 1], &can, &[12]].concat();
    session.command(0x46, &key).map(drop).map_err(|error| format!("{error:?}").into())
}

fn commands(name: &str, session: &mut Session, rounds: u32) -> Result<(), Box<dyn Error>> {
    let sign = [&KEY.to_be_bytes()[..], &[1; 32]].concat();
    let mut rate = |code: u8, data: &[u8]| {
        per_second(rounds, || session.command(code, data).map(drop).map_err(|e| format!("{e:?}")))
    };
    let rates = [rate(0x01, &[7; 16])?, rate(0x4e, &[0, 1, 2])?, rate(0x56, &sign)?];
    line(name, rates);
    Ok(())
}

fn client(name: &str, connector: Connector, rounds: u32) -> Result<(), Box<dyn Error>> {
    let client = Client::open(connector, Credentials::from_password(1, b"password"), false)?;
    // The emulator has it already.
    if client.get_object_info(KEY, object::Type::AsymmetricKey).is_err() {
        let label = object::Label::default();
        let domain = Domain::DOM1;
        let algorithm = asymmetric::Algorithm::EcP256;
        client.generate_asymmetric_key(KEY, label, domain, Capability::SIGN_ECDSA, algorithm)?;
    }
    let echo = per_second(rounds, || client.echo([7; 16]).map(drop))?;
    let info = per_second(rounds, || {
        client.get_object_info(1, object::Type::AuthenticationKey).map(drop)
    })?;
    let sign = per_second(rounds, || client.sign_ecdsa_prehash_raw(KEY, [1; 32]).map(drop))?;
    line(name, [echo, info, sign]);
    Ok(())
}

fn per_second<E>(rounds: u32, mut once: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let began = Instant::now();
    for _ in 0..rounds {
        once()?;
    }
    Ok(f64::from(rounds) / began.elapsed().max(Duration::from_nanos(1)).as_secs_f64())
}

fn line(name: &str, [echo, info, sign]: [f64; 3]) {
    println!("{name:<34} {echo:>9.0} {info:>13.0} {sign:>13.0}");
}

/// One connection that stays open.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Answers here are shorter than those that come in chunks.
    fn exchange(&mut self, message: &[u8]) -> std::io::Result<Vec<u8>> {
        let head = format!(
            "POST /connector/api HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
            message.len()
        );
        self.0.get_mut().write_all(&[head.as_bytes(), message].concat())?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            if let Some(text) = line.strip_prefix("Content-Length: ") {
                length = text.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(body)
    }
}
