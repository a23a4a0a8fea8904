use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use hsm_mock::{ConnectorOptions, Tls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::rig::Rig;

fn client(tls: &Tls) -> ClientConfig {
    let certificate = CertificateDer::from_pem_slice(tls.certificate_pem().as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn echo(rig: &Rig, tls: &Tls) -> std::io::Result<Vec<u8>> {
    let name = "localhost".try_into().unwrap();
    let connection = ClientConnection::new(Arc::new(client(tls)), name).unwrap();
    let stream = TcpStream::connect(rig.served.address())?;
    let mut stream = StreamOwned::new(connection, stream);
    let head = b"POST /connector/api HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n";
    stream.write_all(&[head, &b"Connection: close\r\n\r\n\x01\x00\x01\x07"[..]].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_client_that_trusts_the_certificate_is_served() {
    let tls = Tls::self_signed(&["localhost"]).unwrap();
    let options = ConnectorOptions { tls: Some(tls.clone()), ..Default::default() };
    let rig = Rig::served_with(1, options);
    assert!(rig.served.url().starts_with("https://127.0.0.1:"));
    assert!(echo(&rig, &tls).unwrap().ends_with(b"\r\n\r\n\x81\x00\x01\x07"));
    let other = Tls::self_signed(&["localhost"]).unwrap();
    assert!(echo(&rig, &other).is_err());
}

#[test]
fn plain_http_gets_no_answer() {
    let tls = Some(Tls::self_signed(&["localhost"]).unwrap());
    let rig = Rig::served_with(1, ConnectorOptions { tls, ..Default::default() });
    let mut stream = TcpStream::connect(rig.served.address()).unwrap();
    stream.write_all(b"GET /connector/status HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // A TLS alert, or the end.
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"));
}
