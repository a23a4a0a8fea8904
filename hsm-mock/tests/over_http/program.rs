//! The program as other programs start it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use hsm_mock::host::Host;

/// Started with `--listen 127.0.0.1:0 --print-port`.
pub(crate) struct Program {
    child: Child,
    pub port: u16,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hsm-mock"))
            .args(["--listen", "127.0.0.1:0", "--print-port"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, port: line.trim().parse().unwrap() }
    }

    /// Kills it and returns what it said.
    pub(crate) fn end(mut self) -> String {
        self.child.kill().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        self.child.wait().unwrap();
        said
    }
}

/// One message on one connection.
pub(crate) fn transceive(port: u16, message: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let head = format!(
        "POST /connector/api HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        message.len()
    );
    stream.write_all(&[head.as_bytes(), message].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let end = end.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    Ok(answer.split_off(end + 4))
}

#[test]
fn a_trace_names_commands_and_tells_no_secret() {
    let program = Program::start(&["--trace"]);
    let port = program.port;
    let mut session =
        Host::open(|message| transceive(port, message).unwrap(), 1, b"password").unwrap();
    let secret = b"a very secret object";
    let opaque = [&[0, 5][..], &[b'l'; 40], &[0, 1], &[0; 8], &[30], secret].concat();
    session.command(0x42, &opaque).unwrap();
    session.command(0x43, &[0, 5]).unwrap();
    let said = program.end();
    assert!(said.contains("PUT OPAQUE") && said.contains("GET OPAQUE"), "{said}");
    assert!(!said.contains("very secret") && !said.contains(&hex::encode(secret)), "{said}");
}

#[test]
fn a_seed_makes_the_same_device_in_another_process() {
    let key = |seed| {
        let program = Program::start(&["--seed", seed]);
        let key = transceive(program.port, &[0x0a, 0, 0]).unwrap();
        program.end();
        key
    };
    assert_eq!(key("7"), key("7"));
    assert_ne!(key("7"), key("8"));
}

/// A shell starts the program and ends; the program has its end of the pipe until it ends too.
#[cfg(unix)]
#[test]
fn with_exit_with_parent_it_ends_after_the_one_that_started_it() {
    let program = env!("CARGO_BIN_EXE_hsm-mock");
    let script =
        format!("'{program}' --listen 127.0.0.1:0 --exit-with-parent --print-port & read x");
    let mut shell = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(shell.stdout.take().unwrap());
    let mut port = String::new();
    output.read_line(&mut port).unwrap();
    let answer = transceive(port.trim().parse().unwrap(), &[1, 0, 1, 7]).unwrap();
    assert_eq!(answer, [0x81, 0, 1, 7]);
    drop(shell.stdin.take());
    shell.wait().unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}
