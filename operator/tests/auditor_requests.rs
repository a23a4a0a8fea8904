//! The operator asks a distant auditor: the real program, against the auditor's real service and
//! against liars.
#![allow(clippy::unwrap_used)]

#[path = "../../vault-server/tests/support/certificates.rs"]
mod certificates;

use auditor::{Access, Auditor, InitOptions, router};
use axum::Router;
use axum_server::tls_rustls::RustlsConfig;
use fleet_evidence::folder::{AnchorRequest, Challenge};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use vault_server::peers::tls::{Identity, public_server};

const NAMESPACE: &str = "mock.keepsake";

/// An operator before its ceremony, and the directory of its auditor.
struct Operator {
    dir: tempfile::TempDir,
}

impl Operator {
    fn new() -> Self {
        let operator = Self { dir: tempfile::tempdir().unwrap() };
        let made = keepsake_operator(&["operator-key", "--out", &operator.path("operator.key")]);
        let public = String::from_utf8(made.stdout).unwrap();
        operator.begin_auditor(public.trim());
        let site = |i: u32| {
            json!({"index": i, "region": "here", "endpoint": format!("https://site-{i}"),
                "connector": format!("http://127.0.0.1:{i}"), "serial": 1000 + i})
        };
        let plan = json!({
            "namespace": NAMESPACE, "fleet_id": "07".repeat(16), "epoch": 1, "previous": null, "not_before": 1,
            "not_after": 2, "evidence_url": "https://auditor/evidence/1/", "reset": true, "attestation_chain": ["root.pem"],
            "source": "a test", "sites": [site(1), site(2), site(3)]
        });
        operator.write("plan.json", &plan);
        operator
    }

    fn begin_auditor(&self, operator_key: &str) {
        let options = InitOptions {
            namespace: NAMESPACE.into(),
            operator_key: operator_key.into(),
            origin: NAMESPACE.into(),
            attestation_roots: vec![],
            mock: true,
            minimum_firmware: "2.3.1".into(),
            tls_ca: None,
        };
        drop(Auditor::init(&self.file("auditor"), options).unwrap());
    }

    fn auditor(&self) -> Auditor {
        Auditor::open(&self.file("auditor")).unwrap()
    }

    fn service(&self) -> Router {
        router(self.file("auditor"), Access::Full)
    }

    fn request_challenges(&self, way: &[&str]) -> Output {
        self.run(&["request-challenges", "--plan", &self.path("plan.json")], way)
    }

    fn send_anchors(&self, way: &[&str]) -> Output {
        self.run(&["send-anchors"], way)
    }

    fn run(&self, command: &[&str], way: &[&str]) -> Output {
        let (out, key, trust) =
            (self.path("out"), self.path("operator.key"), self.path("auditor/public/trust.json"));
        keepsake_operator(
            &[command, &["--out", &out, "--key", &key, "--trust", &trust], way].concat(),
        )
    }

    /// As the ceremony leaves it after the resets.
    fn resets_done(&self, challenges: &[Challenge], anchor: u8) {
        let begins = |c: &Challenge| AnchorRequest {
            serial: c.serial,
            challenge: c.challenge,
            anchor: [anchor; 16],
        };
        let requests: Vec<AnchorRequest> = challenges.iter().map(begins).collect();
        self.write("out/anchor-request.json", &json!(requests));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn path(&self, name: &str) -> String {
        self.file(name).to_str().unwrap().into()
    }

    fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.file(name)).unwrap()).unwrap()
    }

    fn write(&self, name: &str, value: &Value) {
        std::fs::create_dir_all(self.file(name).parent().unwrap()).unwrap();
        std::fs::write(self.file(name), value.to_string()).unwrap();
    }
}

fn keepsake_operator(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keepsake-operator")).args(arguments).output().unwrap()
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

fn serve(service: Router) -> String {
    let listener = listener();
    let url = format!("http://{}", listener.local_addr().unwrap());
    run(async move {
        axum_server::from_tcp(listener).unwrap().serve(service.into_make_service()).await
    });
    url
}

fn serve_tls(service: Router, identity: &Identity) -> String {
    let listener = listener();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let config = RustlsConfig::from_config(Arc::new(public_server(identity).unwrap()));
    run(async move {
        axum_server::from_tcp_rustls(listener, config)
            .unwrap()
            .serve(service.into_make_service())
            .await
    });
    url
}

fn run(service: impl Future<Output = std::io::Result<()>> + Send + 'static) {
    std::thread::spawn(move || tokio::runtime::Runtime::new().unwrap().block_on(service).unwrap());
}

/// A server that answers everything with the same.
fn says(status: u16, body: impl Into<Vec<u8>>) -> String {
    let (status, body) = (axum::http::StatusCode::from_u16(status).unwrap(), body.into());
    serve(Router::new().fallback(move || std::future::ready((status, body.clone()))))
}

#[track_caller]
fn succeeded(done: &Output) {
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[track_caller]
fn fails(done: &Output, code: i32, sentence: &str) {
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.code() == Some(code) && said.contains(sentence),
        "{:?} {said}",
        done.status
    );
}

#[test]
fn challenges_and_anchors_over_the_network() {
    let operator = Operator::new();
    let url = serve(operator.service());
    succeeded(&operator.request_challenges(&["--auditor", &url]));
    let challenges: Vec<Challenge> =
        serde_json::from_value(operator.read("out/challenges.json")).unwrap();
    assert_eq!(challenges.iter().map(|c| c.serial).collect::<Vec<_>>(), [1001, 1002, 1003]);

    operator.resets_done(&challenges, 7);
    succeeded(&operator.send_anchors(&["--auditor", &url]));
    let anchors = operator.read("out/evidence/anchors.json");
    assert_eq!(anchors["record"]["devices"][2]["anchor"], "07".repeat(16));
    // A lost answer is asked for again.
    succeeded(&operator.send_anchors(&["--auditor", &url]));
    assert_eq!(operator.read("out/evidence/anchors.json"), anchors);

    operator.resets_done(&challenges, 8);
    fails(&operator.send_anchors(&["--auditor", &url]), 1, "has another anchor already");
}

#[test]
fn an_auditor_with_a_private_authority() {
    let operator = Operator::new();
    certificates::write(operator.dir.path(), 1);
    let (cert, key) = (operator.file("site-1.pem"), operator.file("site-1.key"));
    let url = serve_tls(operator.service(), &Identity { cert, key });
    fails(&operator.request_challenges(&["--auditor", &url]), 2, "did not answer");
    succeeded(&operator.request_challenges(&[
        "--auditor",
        &url,
        "--tls-ca",
        &operator.path("ca.pem"),
    ]));
}

#[test]
fn requests_and_answers_can_be_carried_by_hand() {
    let operator = Operator::new();
    let (request, answer) = (operator.path("request.json"), operator.path("answer.json"));
    succeeded(&operator.request_challenges(&["--write-request", &request]));
    let signed = serde_json::from_value(operator.read("request.json")).unwrap();
    let requested_at = operator.read("request.json")["request"]["requested_at"].as_u64().unwrap();
    let challenges = operator.auditor().challenge_for(&signed, requested_at + 60).unwrap();
    operator.write("answer.json", &json!({ "challenges": challenges }));
    succeeded(&operator.request_challenges(&["--answer", &answer]));
    assert_eq!(operator.read("out/challenges.json"), json!(challenges));

    operator.resets_done(&challenges, 7);
    fails(&operator.send_anchors(&["--write-request", &request]), 2, "exists already");
    std::fs::remove_file(&request).unwrap();
    succeeded(&operator.send_anchors(&["--write-request", &request]));
    let signed = serde_json::from_value(operator.read("request.json")).unwrap();
    operator.write(
        "answer.json",
        &json!(operator.auditor().anchor_for(&signed, requested_at + 90).unwrap()),
    );
    succeeded(&operator.send_anchors(&["--answer", &answer]));
    assert_eq!(operator.read("out/evidence/anchors.json"), operator.read("answer.json"));
}

#[test]
fn an_answer_that_is_not_the_auditors_is_not_used() {
    let operator = Operator::new();
    let challenges = operator.auditor().challenge(&[1001, 1002, 1003], 1_800_000_000).unwrap();
    operator.resets_done(&challenges, 7);
    let sent: Vec<AnchorRequest> =
        serde_json::from_value(operator.read("out/anchor-request.json")).unwrap();
    let honest = json!(operator.auditor().anchor(&sent, 1_800_000_000).unwrap());
    let changed = |pointer: &str, value: Value| {
        let mut answer = honest.clone();
        *answer.pointer_mut(pointer).unwrap() = value;
        answer.to_string()
    };
    let lies = [
        (changed("/record/devices/1/recorded_at", json!(1)), "signature does not fit"),
        (
            changed("/record/devices/1/anchor", json!("08".repeat(16))),
            "other anchors than were sent",
        ),
        (changed("/record/namespace", json!("elsewhere")), "of this namespace"),
        (r#"{"devices":[]}"#.into(), "cannot be used"),
        (" ".repeat(20_000), "longer than"),
    ];
    for (answer, sentence) in lies {
        fails(&operator.send_anchors(&["--auditor", &says(200, answer)]), 1, sentence);
        assert!(!operator.file("out/evidence/anchors.json").exists(), "{sentence}");
    }
    fails(
        &operator.request_challenges(&["--auditor", &says(200, r#"{"challenges":[]}"#)]),
        1,
        "not for [1001",
    );
    fails(
        &operator.request_challenges(&["--auditor", &says(500, r#"{"error":"internal fault"}"#)]),
        2,
        "server says 500",
    );
    fails(&operator.request_challenges(&["--auditor", "http://127.0.0.1:1"]), 2, "did not answer");
    assert!(!operator.file("out/challenges.json").exists());
    succeeded(&operator.send_anchors(&["--auditor", &says(200, honest.to_string())]));
}

#[test]
fn what_would_be_refused_is_not_sent() {
    let operator = Operator::new();
    let url = serve(operator.service());
    fails(
        &operator.send_anchors(&["--auditor", &url]),
        2,
        "run `keepsake-operator ceremony run` first",
    );
    fails(&operator.request_challenges(&["--auditor", "http://auditor.example"]), 2, "https://");
    let pinned = format!("{url}#sha256={}", "00".repeat(32));
    fails(&operator.request_challenges(&["--auditor", &pinned]), 2, "pins another trust document");
    fails(&operator.request_challenges(&[]), 2, "--auditor");

    succeeded(&operator.request_challenges(&["--auditor", &url]));
    fails(&operator.request_challenges(&["--auditor", &url]), 2, "exists already");
    std::fs::remove_file(operator.file("operator.key")).unwrap();
    keepsake_operator(&["operator-key", "--out", &operator.path("operator.key")]);
    std::fs::remove_file(operator.file("out/challenges.json")).unwrap();
    fails(&operator.request_challenges(&["--auditor", &url]), 2, "is not the operator key");
}
