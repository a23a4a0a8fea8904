//! The auditor over real HTTP: from challenge to a published bundle that a client trusts, and what
//! it refuses.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/fleet-evidence/tests/support/mod.rs"]
mod support;

use auditor::{Access, Auditor, InitOptions, router};
use ed25519_dalek::Signer;
use fleet_evidence::folder::{
    AnchorRequest, AnchorsRequest, ChallengeRequest, EvidenceFolder, Submission,
};
use fleet_evidence::log::{ConsistencyProof, consistency_tiles};
use fleet_evidence::{
    BundleDocuments, Seen, Trust, VerifiedBundle, verify_bundle, verify_evidence,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use support::devices::root;
use support::world::{Files, World};
use support::{NAMESPACE, bundle, ed25519, point};
use vault_protocol::{Bundle, Operator, Signature64, SignedBundle, operator_message};

/// A running auditor and a client's view of it.
struct Running {
    dir: tempfile::TempDir,
    url: String,
    http: reqwest::Client,
}

impl Running {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        drop(Auditor::init(dir.path(), options()).unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = router(dir.path().to_path_buf(), Access::Full);
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { dir, url, http: reqwest::Client::new() }
    }

    async fn get(&self, path: &str) -> Vec<u8> {
        let answer = self.http.get(format!("{}/{path}", self.url)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.unwrap().to_vec()
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self
            .http
            .post(format!("{}/{path}", self.url))
            .header("content-type", "application/json")
            .body(serde_json::to_vec(body).unwrap())
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
    }

    async fn trust(&self) -> Trust {
        Trust::from_json(&self.get("trust.json").await).unwrap()
    }

    /// Challenges, resets on paper, anchors: the world is ready to be submitted.
    async fn prepare(&self, mut world: World) -> World {
        let serials: Vec<u32> = world.devices.iter().map(|d| d.serial).collect();
        let (status, issued) =
            self.post("challenge", &challenge_request(&serials, "operator")).await;
        assert_eq!(status, 200, "{issued}");
        let mut devices = Vec::new();
        for (device, issued) in
            world.devices.iter_mut().zip(issued["challenges"].as_array().unwrap())
        {
            hex::decode_to_slice(issued["challenge"].as_str().unwrap(), &mut device.challenge)
                .unwrap();
            devices.push(AnchorRequest {
                serial: device.serial,
                challenge: device.challenge,
                anchor: device.anchor,
            });
        }
        let (status, anchors) = self.post("anchor", &anchors_request(devices, "operator")).await;
        assert_eq!(status, 200, "{anchors}");
        world.anchors = Some(serde_json::from_value(anchors).unwrap());
        world
    }

    async fn submit(&self, world: &World) -> (u16, Value, Bundle) {
        let (bundle, files) = world.evidence();
        let (status, answer) = self.post("submit", &submission(&bundle, &files)).await;
        (status, answer, bundle)
    }

    /// Signs as the auditor answered, counter-signs, publishes.
    async fn publish(&self, bundle: Bundle, signed: &Value) -> (u16, Value) {
        self.post("publish", &serde_json::to_value(countersigned(bundle, signed)).unwrap()).await
    }

    async fn published(&self, world: &World) -> SignedBundle {
        let (status, signed, bundle) = self.submit(world).await;
        assert_eq!(status, 200, "{signed}");
        let (status, published) = self.publish(bundle, &signed).await;
        assert_eq!(status, 200, "{published}");
        serde_json::from_value(published).unwrap()
    }

    /// What a client does with what the server shows.
    async fn visit(&self, seen: Option<&Seen>) -> VerifiedBundle {
        let signed = self.get("bundles/latest").await;
        let latest: SignedBundle = serde_json::from_slice(&signed).unwrap();
        let mut history = Vec::new();
        for epoch in 1..latest.bundle.epoch {
            history.push(self.get(&format!("bundles/{epoch}")).await);
        }
        let consistency = match seen {
            Some(seen) => Some(self.consistency(&latest, seen).await),
            None => None,
        };
        let documents = BundleDocuments {
            signed: &signed,
            history: &history,
            consistency: consistency.as_ref(),
        };
        verify_bundle(&documents, &self.trust().await, seen, now()).unwrap()
    }

    async fn consistency(&self, latest: &SignedBundle, seen: &Seen) -> ConsistencyProof {
        let proof = fleet_evidence::log::LogProof::parse(&latest.log_proof).unwrap();
        let log_key = self.trust().await.document().log_key.clone();
        let head =
            fleet_evidence::log::verify_checkpoint(proof.checkpoint.as_bytes(), &log_key).unwrap();
        let new = fleet_evidence::SeenCheckpoint { size: head.size(), root: head.root() };
        let mut tiles = BTreeMap::new();
        for path in consistency_tiles(seen.checkpoint.size, new.size) {
            tiles.insert(path.clone(), self.get(&path).await);
        }
        ConsistencyProof::from_tiles(seen.checkpoint.size, new, &tiles).unwrap()
    }
}

fn options() -> InitOptions {
    InitOptions {
        namespace: NAMESPACE.into(),
        operator_key: hex::encode(ed25519("operator").verifying_key().as_bytes()),
        origin: "auditor.example/keepsake".into(),
        attestation_roots: vec![root("test")],
        mock: true,
        minimum_firmware: "2.3.1".into(),
        tls_ca: None,
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Requests as the operator's tools make them, a second apart so that none is taken for a
/// repetition.
fn challenge_request(serials: &[u32], signer: &str) -> Value {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let requested_at = now() - 300 + MADE.fetch_add(1, Ordering::Relaxed);
    let request = ChallengeRequest { serials: serials.to_vec(), requested_at };
    let signature = ed25519(signer).sign(&request.message(NAMESPACE)).to_bytes();
    json!({ "request": request, "operator_signature": Signature64(signature) })
}

fn anchors_request(devices: Vec<AnchorRequest>, signer: &str) -> Value {
    let request = AnchorsRequest { devices };
    let signature = ed25519(signer).sign(&request.message(NAMESPACE)).to_bytes();
    json!({ "request": request, "operator_signature": Signature64(signature) })
}

/// An honest world whose period of use is the present.
fn world(epoch: u64, previous: Option<&Bundle>) -> World {
    let mut world = World::honest();
    world.bundle = bundle(epoch, previous);
    (world.bundle.not_before, world.bundle.not_after) = (now() - 100, now() + 10_000);
    world
}

fn submission(bundle: &Bundle, files: &Files) -> Value {
    let folder = EvidenceFolder::new(files.clone()).unwrap();
    let signature = ed25519("operator").sign(&Submission::message(bundle)).to_bytes();
    serde_json::to_value(Submission::new(bundle.clone(), &folder, Signature64(signature))).unwrap()
}

fn countersigned(bundle: Bundle, signed: &Value) -> SignedBundle {
    let signature: Signature64 = serde_json::from_value(signed["signature"].clone()).unwrap();
    let counter = Signature64(ed25519("operator").sign(&operator_message(&signature)).to_bytes());
    SignedBundle {
        bundle,
        auditor: vault_protocol::Auditor {
            timestamp: signed["timestamp"].as_u64().unwrap(),
            signature,
        },
        operator: Operator { signature: counter },
        log_proof: String::new(),
    }
}

#[tokio::test]
async fn from_challenge_to_a_fleet_that_a_client_trusts() {
    let auditor = Running::start().await;
    let world = auditor.prepare(world(1, None)).await;
    auditor.published(&world).await;
    let verified = auditor.visit(None).await;
    assert_eq!(verified.epoch(), 1);
    let mut files = Files::new();
    for path in world.evidence().1.keys() {
        files.insert(path.clone(), auditor.get(&format!("evidence/1/{path}")).await);
    }
    let folder = EvidenceFolder::new(files).unwrap();
    assert!(verify_evidence(&verified, &auditor.trust().await, &folder, now()).is_ok());
}

#[tokio::test]
async fn the_next_epoch_continues_the_log_that_a_client_saw() {
    let auditor = Running::start().await;
    let first = auditor.published(&auditor.prepare(world(1, None)).await).await;
    let seen = auditor.visit(None).await.seen();
    auditor.published(&auditor.prepare(world(2, Some(&first.bundle))).await).await;
    let verified = auditor.visit(Some(&seen)).await;
    assert_eq!((verified.epoch(), verified.seen().checkpoint.size), (2, 2));
}

#[tokio::test]
async fn asking_again_gives_the_same_signature_and_the_same_document() {
    let auditor = Running::start().await;
    let world = auditor.prepare(world(1, None)).await;
    let (_, once, bundle) = auditor.submit(&world).await;
    let (_, again, _) = auditor.submit(&world).await;
    assert_eq!(once, again);
    let first = auditor.publish(bundle.clone(), &once).await;
    assert_eq!(auditor.publish(bundle, &once).await, first);
}

#[tokio::test]
async fn a_second_bundle_for_an_epoch_is_refused() {
    let auditor = Running::start().await;
    let mut world = auditor.prepare(world(1, None)).await;
    assert_eq!(auditor.submit(&world).await.0, 200);
    world.bundle.not_after += 1;
    let (status, answer, _) = auditor.submit(&world).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("epoch-taken")));
}

#[tokio::test]
async fn gaps_wrong_predecessors_and_other_namespaces_are_refused() {
    let auditor = Running::start().await;
    let first = auditor.published(&auditor.prepare(world(1, None)).await).await;
    let mut skipped = world(3, Some(&first.bundle));
    skipped.bundle.epoch = 3;
    let (status, answer, _) = auditor.submit(&auditor.prepare(skipped).await).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("epoch")));
    let mut unlinked = world(2, Some(&first.bundle));
    unlinked.bundle.previous = Some(vault_protocol::BundleId([3; 32]));
    let (status, answer, _) = auditor.submit(&auditor.prepare(unlinked).await).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("bundle")));
    let mut foreign = world(2, Some(&first.bundle));
    foreign.bundle.namespace = "other".into();
    let (status, answer, _) = auditor.submit(&auditor.prepare(foreign).await).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("bundle")));
}

#[tokio::test]
async fn evidence_that_does_not_verify_is_refused_with_its_checks() {
    let auditor = Running::start().await;
    let mut world = auditor.prepare(world(1, None)).await;
    world.devices[1].options.force_audit = 1;
    let (status, answer, _) = auditor.submit(&world).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("evidence")));
    let checks = answer["report"]["checks"].as_array().unwrap();
    assert!(checks.iter().any(|c| c["id"] == "E9" && c["outcome"] == "fail"));
}

#[tokio::test]
async fn a_challenge_is_good_for_one_beginning_and_one_epoch() {
    let auditor = Running::start().await;
    let world_one = auditor.prepare(world(1, None)).await;
    let device = &world_one.devices[0];
    let other =
        AnchorRequest { serial: device.serial, challenge: device.challenge, anchor: [0; 16] };
    let (status, answer) = auditor.post("anchor", &anchors_request(vec![other], "operator")).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("challenge")));
    let first = auditor.published(&world_one).await;
    let mut reused = world_one.clone();
    reused.bundle = world(2, Some(&first.bundle)).bundle;
    let (status, answer, _) = auditor.submit(&reused).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("challenge")), "{answer}");
}

#[tokio::test]
async fn strangers_are_refused() {
    let auditor = Running::start().await;
    let world = auditor.prepare(world(1, None)).await;
    let (bundle, files) = world.evidence();
    let mut request = submission(&bundle, &files);
    request["operator_signature"] = json!("00".repeat(64));
    let (status, answer) = auditor.post("submit", &request).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("signature")));
    let (_, signed, bundle) = auditor.submit(&world).await;
    let mut document = countersigned(bundle, &signed);
    document.operator.signature = Signature64([1; 64]);
    let (status, answer) = auditor.post("publish", &serde_json::to_value(&document).unwrap()).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("signature")));
}

#[tokio::test]
async fn strangers_get_no_challenge_and_set_no_anchor() {
    let auditor = Running::start().await;
    let device = auditor.prepare(world(1, None)).await.devices[0].clone();
    let anchor =
        AnchorRequest { serial: device.serial, challenge: device.challenge, anchor: device.anchor };
    for (path, request) in [
        ("challenge", challenge_request(&[1001], "stranger")),
        ("anchor", anchors_request(vec![anchor], "stranger")),
    ] {
        let (status, answer) = auditor.post(path, &request).await;
        assert_eq!((status, answer["code"].as_str()), (409, Some("signature")), "{path}");
    }
    assert!(
        auditor.post("challenge", &json!({ "serials": [1001] })).await.0 >= 400,
        "no signature at all"
    );
}

#[tokio::test]
async fn pages_and_archive_are_served_with_their_kinds() {
    let auditor = Running::start().await;
    auditor.published(&auditor.prepare(world(1, None)).await).await;
    for (path, kind) in [
        ("", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("epochs/1.html", "text/html; charset=utf-8"),
        ("evidence/1.tar", "application/x-tar"),
    ] {
        let answer = auditor.http.get(format!("{}/{path}", auditor.url)).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
            (200, kind),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_publication_that_the_auditor_did_not_sign_is_refused() {
    let auditor = Running::start().await;
    let world = auditor.prepare(world(1, None)).await;
    let (_, signed, mut bundle) = auditor.submit(&world).await;
    bundle.fleet_key = point("another");
    assert_eq!(auditor.publish(bundle, &signed).await.0, 409);
}

#[tokio::test]
async fn rubbish_and_paths_outside_are_refused() {
    let auditor = Running::start().await;
    assert_eq!(auditor.post("publish", &json!({})).await.0, 400);
    assert!(auditor.post("submit", &json!([])).await.0 >= 400);
    for path in [
        "../private/auditor.key",
        "%2e%2e/private/auditor.key",
        "private/auditor.key",
        "state/leaves",
        "tile/.x",
    ] {
        let answer = auditor.http.get(format!("{}/{path}", auditor.url)).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_crash_between_append_and_checkpoint_is_completed_on_the_next_start() {
    let auditor = Running::start().await;
    let before = auditor.get("checkpoint").await;
    let published = auditor.published(&auditor.prepare(world(1, None)).await).await;
    let after = auditor.get("checkpoint").await;
    // As if the power failed when the entry was durable and nothing else was.
    let public = auditor.dir.path().join("public");
    std::fs::write(public.join("checkpoint"), &before).unwrap();
    std::fs::remove_dir_all(public.join("tile")).unwrap();
    std::fs::remove_dir_all(public.join("bundles")).unwrap();
    drop(Auditor::open(auditor.dir.path()).unwrap());
    assert_eq!(auditor.get("checkpoint").await, after);
    let again = Auditor::open(auditor.dir.path()).unwrap().publish(published.clone()).unwrap();
    assert_eq!(again.log_proof, published.log_proof);
    assert_eq!(auditor.visit(None).await.epoch(), 1);
}

#[tokio::test]
async fn a_torn_append_never_happened() {
    let auditor = Running::start().await;
    let first = auditor.published(&auditor.prepare(world(1, None)).await).await;
    let leaves = auditor.dir.path().join("state/leaves");
    let mut bytes = std::fs::read(&leaves).unwrap();
    bytes.extend([0x01, 0x40, b'{']);
    std::fs::write(&leaves, &bytes).unwrap();
    auditor.published(&auditor.prepare(world(2, Some(&first.bundle))).await).await;
    assert_eq!(auditor.visit(None).await.seen().checkpoint.size, 2);
}

#[tokio::test]
async fn a_log_that_was_set_back_or_changed_signs_nothing_more() {
    let auditor = Running::start().await;
    auditor.published(&auditor.prepare(world(1, None)).await).await;
    let leaves = auditor.dir.path().join("state/leaves");
    let bytes = std::fs::read(&leaves).unwrap();
    std::fs::write(&leaves, b"").unwrap();
    assert!(Auditor::open(auditor.dir.path()).unwrap_err().to_string().contains("rolled back"));
    let mut forked = bytes.clone();
    *forked.last_mut().unwrap() ^= 1;
    std::fs::write(&leaves, &forked).unwrap();
    assert!(Auditor::open(auditor.dir.path()).is_err());
    std::fs::write(&leaves, &bytes).unwrap();
    assert!(Auditor::open(auditor.dir.path()).is_ok());
}

#[test]
fn keys_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    drop(Auditor::init(dir.path(), options()).unwrap());
    for name in ["auditor.key", "log.key"] {
        let mode =
            std::fs::metadata(dir.path().join("private").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(Auditor::init(dir.path(), options()).is_err(), "a second init must not replace keys");
}
