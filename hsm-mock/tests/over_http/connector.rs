use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::rig::Rig;

/// Sends bytes and reads one response by its length.
fn exchange(stream: &mut TcpStream, request: &[u8]) -> (String, Vec<u8>) {
    stream.write_all(request).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "closed in the head: {head}");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

fn post(body: &[u8]) -> Vec<u8> {
    let head = format!("POST /connector/api HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn connect(rig: &Rig) -> TcpStream {
    TcpStream::connect(rig.served.address()).unwrap()
}

#[test]
fn status_is_lines_of_key_and_value_that_say_mock() {
    let rig = Rig::new(1);
    let (head, body) = exchange(&mut connect(&rig), b"GET /connector/status HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"));
    let body = String::from_utf8(body).unwrap();
    assert!(body.starts_with("status=OK\n") && body.contains("MOCK") && body.len() <= 256, "{body}");
    assert!(body.lines().all(|line| line.contains('=')));
}

#[test]
fn one_connection_carries_many_messages() {
    let rig = Rig::new(1);
    let mut stream = connect(&rig);
    for round in 0..50u8 {
        let (head, body) = exchange(&mut stream, &post(&[1, 0, 1, round]));
        assert!(head.contains("Content-Type: application/octet-stream\r\n"));
        assert_eq!(body, [0x81, 0, 1, round]);
    }
}

#[test]
fn head_and_body_of_a_response_arrive_in_one_read() {
    let rig = Rig::new(1);
    let mut stream = connect(&rig);
    stream.write_all(&post(&[1, 0, 4, 9, 9, 9, 9])).unwrap();
    let mut buffer = [0; 65536];
    let count = stream.read(&mut buffer).unwrap();
    assert!(buffer[..count].ends_with(&[0x81, 0, 4, 9, 9, 9, 9]));
    assert!(buffer.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn what_the_connector_does_not_pass_on_gets_its_status() {
    let rig = Rig::new(1);
    let cases: [(&[u8], &str); 7] = [
        (b"GET /connector/api HTTP/1.1\r\n\r\n", "405"),
        (b"DELETE /connector/status HTTP/1.1\r\n\r\n", "405"),
        (b"GET / HTTP/1.1\r\n\r\n", "404"),
        (b"POST /connector/api HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", "400"),
        (b"POST /connector/api HTTP/1.1\r\nContent-Length: 3140\r\n\r\n", "400"),
        (b"POST /connector/api HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        (b"nonsense\r\n\r\n", "400"),
    ];
    for (request, status) in cases {
        let (head, _) = exchange(&mut connect(&rig), request);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    }
}

#[test]
fn a_head_without_end_is_cut_off() {
    let rig = Rig::new(1);
    let (head, _) = exchange(&mut connect(&rig), &[b'a'; 9000]);
    assert!(head.starts_with("HTTP/1.1 400 "));
}

#[test]
fn device_info_and_echo_need_no_session_and_other_commands_do() {
    let rig = Rig::new(1001);
    let mut stream = connect(&rig);
    let (_, info) = exchange(&mut stream, &post(&[6, 0, 0]));
    assert_eq!(info[..12], [0x86, 0, 64, 2, 4, 0, 0, 0, 3, 0xe9, 62, 2]);
    let (_, page) = exchange(&mut stream, &post(&[6, 0, 1, 1]));
    assert_eq!(page, b"\x86\x00\x04MOCK");
    assert_eq!(exchange(&mut stream, &post(&[0x46, 0, 0])).1, [0x7f, 0, 1, 1]);
    assert_eq!(exchange(&mut stream, &post(&[0xee, 0, 0])).1, [0x7f, 0, 1, 1]);
    assert_eq!(exchange(&mut stream, &post(&[1, 0, 9])).1, [0x7f, 0, 1, 8]);
    assert_eq!(exchange(&mut stream, &post(&[5, 0, 1, 0])).1, [0x7f, 0, 1, 3]);
    assert_eq!(
        exchange(&mut stream, &post(&[4, 0, 17, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])).1,
        [0x7f, 0, 1, 3]
    );
}

#[test]
fn the_program_says_mock_once_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_hsm-mock"))
        .args(["--listen", "127.0.0.1:0", "--serial", "7", "--root-dir"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(line.starts_with("MOCK YubiHSM2 (not hardware), serial 7, firmware 2.4.0"), "{line}");
    assert!(std::fs::read_to_string(folder.path().join("mock-root.pem")).unwrap().contains("BEGIN CERTIFICATE"));
}

#[test]
fn an_emulator_that_is_dropped_closes_its_connections() {
    let rig = Rig::new(1);
    let mut stream = connect(&rig);
    exchange(&mut stream, &post(&[1, 0, 1, 7]));
    drop(rig.served);
    assert_eq!(stream.read(&mut [0; 16]).unwrap_or(0), 0);
}
