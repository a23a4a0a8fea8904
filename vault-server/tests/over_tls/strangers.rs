//! Strangers, who must never stop an owner.

use crate::support::{Fleet, Http, Person, Session, code};
use futures::future::join_all;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vault_protocol::{AccountTag, CodeOrigin, Refusal, Request};

async fn registered(fleet: &Fleet) -> Person {
    let person = Person::new(CodeOrigin::Own);
    let stored = person.register(fleet, 1, &code("right")).await;
    assert!(stored.iter().all(Result::is_ok), "{stored:?}");
    person
}

fn address(fleet: &Fleet, site: u8) -> String {
    fleet.config(site)["listen"].as_str().unwrap().to_string()
}

/// Handshakes that are none, until the site has had enough of their address.
async fn until_refused(http: &Http) -> u32 {
    let mut answered = 0;
    while http.knock(1, &[4; 81], None).await.unwrap().status().as_u16() != 429 {
        answered += 1;
    }
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_of_one_address_stop_nobody() {
    let trusting = |_: u8, config: &mut serde_json::Value| {
        config["max_connections"] = 100.into();
    };
    let fleet = Fleet::start_with(3, trusting).await;
    let person = registered(&fleet).await;
    let mut idle = vec![];
    for _ in 0..200 {
        idle.push(TcpStream::connect(address(&fleet, 1)).await.unwrap());
    }
    // Beyond its share an address is let go at once; the fleet's own clients, from the same address
    // here, have connections already.
    let mut ended = 0;
    for stream in &mut idle {
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_millis(20), stream.read(&mut byte)).await;
        ended += usize::from(matches!(read, Ok(Ok(0) | Err(_))));
    }
    assert!(ended >= 200 - 64, "{ended} of 200 were let go");
    drop(idle);
    person.recover(&fleet, &code("right"), 1, &[1, 2, 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_and_a_slow_header_are_cut_off() {
    let fleet = Fleet::start(3).await;
    let tls = tokio_rustls::TlsConnector::from(std::sync::Arc::new(fleet.http.tls()));
    let connect = || async {
        let tcp = TcpStream::connect(address(&fleet, 1)).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
        tls.connect(name, tcp).await.unwrap()
    };
    let mut body = connect().await;
    body.write_all(b"POST /v2/session HTTP/1.1\r\nhost: x\r\ncontent-length: 81\r\n\r\n")
        .await
        .unwrap();
    let mut header = connect().await;
    header.write_all(b"POST /v2/session HTTP/1.1\r\n").await.unwrap();
    let mut answered = String::new();
    let mut closed = vec![];
    let ends = async {
        let _ = body.read_to_string(&mut answered).await;
    };
    let (_, ()) = tokio::join!(
        async {
            let _ = header.read_to_end(&mut closed).await;
        },
        ends
    );
    assert!(answered.starts_with("HTTP/1.1 408"), "{answered}");
    assert_eq!(closed, b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_gets_through_a_flood_of_strangers_from_many_addresses() {
    let behind_a_proxy = |_: u8, config: &mut serde_json::Value| {
        config["proxy"] = serde_json::json!({"kind": "forwarded", "trusted": ["127.0.0.1/32"]});
    };
    let mut fleet = Fleet::start_with(3, behind_a_proxy).await;
    let person = registered(&fleet).await;
    // As a YubiHSM2 is: about 13 operations a second.
    fleet.devices.iter().for_each(|device| device.latency.store(73, Ordering::Relaxed));
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flood: Vec<_> = (0..60u32)
        .map(|n| {
            let http = fleet.http.named_by_a_proxy(&format!("10.{}.{}.1", n / 200, n % 200));
            let stop = stop.clone();
            tokio::spawn(async move {
                let mut served = 0u32;
                while !stop.load(Ordering::Relaxed) {
                    // None of them works for a cookie.
                    let first = http.first(1 + (served % 3) as u8);
                    let answer = http.knock(1 + (served % 3) as u8, &first.message, None).await;
                    served += u32::from(answer.is_ok_and(|answer| answer.status().is_success()));
                }
                served
            })
        })
        .collect();
    while fleet.health(1).await["waiting"].as_u64().unwrap() < 4 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fleet.http = fleet.http.named_by_a_proxy("192.0.2.1");
    fleet.http.account = Some(AccountTag::of(&person.account()));
    let recovered = person.guess(&fleet, &code("right")).await.unwrap();
    assert!(recovered.acknowledged >= 2);
    stop.store(true, Ordering::Relaxed);
    join_all(flood).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_handshake_replayed_costs_the_device_nothing() {
    let fleet = Fleet::start(3).await;
    let first = fleet.http.first(1);
    assert!(fleet.http.knock(1, &first.message, None).await.unwrap().status().is_success());
    let before = fleet.device(1).operations.load(Ordering::Relaxed);
    for _ in 0..20 {
        let again = fleet.http.knock(1, &first.message, None).await.unwrap();
        assert_eq!(again.status().as_u16(), 400);
    }
    assert_eq!(fleet.device(1).operations.load(Ordering::Relaxed), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_trusted_names_nobody() {
    let fleet = Fleet::start(3).await;
    // One address speaks in the names of others; it is counted all the same.
    let share = until_refused(&fleet.http.named_by_a_proxy("10.0.0.1")).await;
    // But for what the bucket took up again meanwhile.
    let rest = until_refused(&fleet.http.named_by_a_proxy("10.0.0.2")).await;
    assert!(rest < share / 2, "{share}, then {rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_behind_one_proxy_have_each_their_own_share() {
    let behind_a_proxy = |_: u8, config: &mut serde_json::Value| {
        config["proxy"] = serde_json::json!({"kind": "forwarded", "trusted": ["127.0.0.1/32"]});
    };
    let fleet = Fleet::start_with(3, behind_a_proxy).await;
    until_refused(&fleet.http.named_by_a_proxy("10.0.0.1")).await;
    assert!(fleet.http.named_by_a_proxy("10.0.0.2").open(1).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_announces_its_clients_is_believed_if_it_is_trusted() {
    let behind_a_proxy = |_: u8, config: &mut serde_json::Value| {
        let proxy = serde_json::json!({"kind": "proxy-protocol", "trusted": ["127.0.0.1/32"]});
        config["proxy"] = proxy;
    };
    let fleet = Fleet::start_behind(3, behind_a_proxy).await;
    let mut raw = TcpStream::connect(address(&fleet, 1)).await.unwrap();
    raw.write_all(b"GET /v2/health HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = vec![];
    let _ = raw.read_to_end(&mut answer).await;
    assert_eq!(answer, b"", "without an announcement there is no answer");
    let mut raw = TcpStream::connect(address(&fleet, 1)).await.unwrap();
    raw.write_all(b"PROXY TCP4 192.0.2.7 127.0.0.1 5555 443\r\n").await.unwrap();
    let tls = tokio_rustls::TlsConnector::from(std::sync::Arc::new(fleet.http.tls()));
    let name = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
    let mut tls = tls.connect(name, raw).await.unwrap();
    let request = b"GET /v2/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    tls.write_all(request).await.unwrap();
    let mut answer = String::new();
    let _ = tls.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_registers_and_registers_takes_nothing_from_owners() {
    let fleet = Fleet::start(3).await;
    let person = registered(&fleet).await;
    let point = recovery_crypto::oprf::blind(b"x", &mut rand_core::OsRng).unwrap().alpha();
    let mut refused = 0;
    for n in 0..20u8 {
        let mut session: Session = fleet.http.open(1).await.unwrap();
        let account = vault_protocol::AccountId([n; 16]);
        let request = Request::EvaluateForRegistration { account, alpha: point, check: point };
        let answer = session.try_ask(&request).await.unwrap();
        refused += usize::from(matches!(answer, Err(Refusal::Busy { .. })));
    }
    assert!(refused >= 10, "{refused}");
    // From the same address the owner replaces the code.
    let stored = person.register(&fleet, 2, &code("new")).await;
    assert!(stored.iter().all(Result::is_ok), "{stored:?}");
}
