use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use std::time::Duration;

use hsm_mock::ConnectorOptions;

use crate::rig::Rig;

/// Sends bytes and reads one response by its length.
fn exchange(stream: &mut TcpStream, request: &[u8]) -> (String, Vec<u8>) {
    stream.write_all(request).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "closed in the head: {head}");
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .unwrap()
        .parse()
        .unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

fn post(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /connector/api HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn connect(rig: &Rig) -> TcpStream {
    TcpStream::connect(rig.served.address()).unwrap()
}

#[test]
fn status_is_lines_of_key_and_value_that_say_mock() {
    let rig = Rig::new(1);
    let (head, body) =
        exchange(&mut connect(&rig), b"GET /connector/status HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"));
    let body = String::from_utf8(body).unwrap();
    assert!(
        body.starts_with("status=OK\n") && body.contains("MOCK") && body.len() <= 256,
        "{body}"
    );
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
    let cases: [(&str, &str, &str); 10] = [
        ("GET /connector/api HTTP/1.1\r\nHost: a", "405", "Method Not Allowed\n"),
        ("DELETE /connector/status HTTP/1.1\r\nHost: a", "405", "Method Not Allowed\n"),
        ("GET / HTTP/1.1\r\nHost: a", "404", "404 page not found\n"),
        ("GET /connector/status/ HTTP/1.1\r\nHost: a", "404", "404 page not found\n"),
        ("POST /connector/api HTTP/1.1\r\nHost: a\r\nContent-Length: 2", "400", "Bad Request\n"),
        ("POST /connector/api HTTP/1.1\r\nHost: a\r\nContent-Length: 3140", "400", "Bad Request\n"),
        (
            "POST /connector/api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked",
            "400",
            "Bad Request\n",
        ),
        ("GET /connector/status HTTP/1.1", "400", "400 Bad Request: missing required Host header"),
        ("GET /connector/status HTTP/3", "505", "505 HTTP Version Not Supported"),
        ("nonsense", "400", "400 Bad Request"),
    ];
    for (head, status, text) in cases {
        let request = [head.as_bytes(), b"\r\n\r\n", &vec![b'x'; 3140]].concat();
        let (head, body) = exchange(&mut connect(&rig), &request);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert_eq!(String::from_utf8(body).unwrap(), text, "{head}");
    }
}

#[test]
fn a_refusal_names_what_is_allowed_and_a_request_keeps_its_id() {
    let rig = Rig::new(1);
    let request = b"PUT /connector/status HTTP/1.1\r\nHost: a\r\nX-Request-ID: seven\r\n\r\n";
    let (head, _) = exchange(&mut connect(&rig), request);
    assert!(head.contains("\r\nAllow: GET\r\n") && head.contains("\r\nX-Request-Id: seven\r\n"));
    let (head, _) =
        exchange(&mut connect(&rig), b"GET /connector/status?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("\r\nX-Request-Id: "));
    let (head, _) =
        exchange(&mut connect(&rig), b"GET //connector/status HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(
        head.starts_with("HTTP/1.1 301 ") && head.contains("\r\nLocation: /connector/status\r\n")
    );
}

#[test]
fn a_head_without_end_is_cut_off() {
    let rig = Rig::new(1);
    let (head, _) = exchange(&mut connect(&rig), &vec![b'a'; (1 << 20) + 4096]);
    assert!(head.starts_with("HTTP/1.1 431 "), "{head}");
}

#[test]
fn a_connection_that_idles_is_closed() {
    let idle_timeout = Some(Duration::from_millis(20));
    let rig = Rig::served_with(1, ConnectorOptions { idle_timeout, ..Default::default() });
    let mut stream = connect(&rig);
    exchange(&mut stream, &post(&[1, 0, 1, 7]));
    assert_eq!(stream.read(&mut [0; 16]).unwrap(), 0);
    assert_eq!(ConnectorOptions::default().idle_timeout, Some(Duration::from_secs(5)));
}

#[test]
fn a_client_that_leaks_connections_cannot_keep_others_out() {
    let options = ConnectorOptions { idle_timeout: None, ..Default::default() };
    let rig = Rig::served_with(1, options);
    let mut leaked: Vec<TcpStream> = (0..800).map(|_| connect(&rig)).collect();
    let (_, body) = exchange(&mut connect(&rig), &post(&[1, 0, 1, 7]));
    assert_eq!(body, [0x81, 0, 1, 7]);
    assert_eq!(leaked[0].read(&mut [0; 16]).unwrap(), 0, "the oldest made room");
}

#[test]
fn an_answer_over_2048_bytes_comes_in_chunks() {
    for (options, chunked) in [
        (ConnectorOptions::default(), true),
        (ConnectorOptions { chunked_answers: false, ..Default::default() }, false),
    ] {
        let rig = Rig::served_with(1, options);
        let mut stream = connect(&rig);
        // Outside a session: a header of 3 bytes and the data.
        let message = [&[1, 0x08, 0x00][..], &vec![7; 2048]].concat();
        stream.write_all(&post(&message)).unwrap();
        let mut answer = vec![0; 4096];
        let mut length = 0;
        while !answer[..length].ends_with(&[7]) && !answer[..length].ends_with(b"0\r\n\r\n") {
            length += stream.read(&mut answer[length..]).unwrap();
        }
        let head = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert_eq!(head.contains("\r\nTransfer-Encoding: chunked\r\n\r\n803\r\n"), chunked);
        assert_eq!(head.contains("\r\nContent-Length: 2051\r\n"), !chunked);
    }
}

#[test]
fn only_listed_hosts_are_served_once_there_is_a_list() {
    let allowed_hosts = Some(vec!["127.0.0.1".to_owned()]);
    let rig = Rig::served_with(1, ConnectorOptions { allowed_hosts, ..Default::default() });
    let ask = |host: &str| {
        let request = format!("GET /connector/status HTTP/1.1\r\nHost: {host}\r\n\r\n");
        exchange(&mut connect(&rig), request.as_bytes()).0
    };
    assert!(ask("127.0.0.1:12345").starts_with("HTTP/1.1 200 "));
    assert!(ask("evil.example").starts_with("HTTP/1.1 403 "));
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
        exchange(
            &mut stream,
            &post(&[4, 0, 17, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        )
        .1,
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
    assert!(
        std::fs::read_to_string(folder.path().join("mock-root.pem"))
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
}

#[test]
fn an_emulator_that_is_dropped_closes_its_connections() {
    let rig = Rig::new(1);
    let mut stream = connect(&rig);
    exchange(&mut stream, &post(&[1, 0, 1, 7]));
    drop(rig.served);
    assert_eq!(stream.read(&mut [0; 16]).unwrap_or(0), 0);
}
