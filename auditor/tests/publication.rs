//! What is published for an epoch: carried to its end after a crash, as an archive, and as pages
//! for a person.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/fleet-evidence/tests/support/mod.rs"]
mod support;

use auditor::{Auditor, InitOptions};
use ed25519_dalek::Signer;
use fleet_evidence::folder::{AnchorRequest, EvidenceFolder};
use std::path::PathBuf;
use support::devices::root;
use support::world::World;
use support::{NAMESPACE, NOW, bundle, ed25519};
use vault_protocol::{Bundle, Operator, Signature64, SignedBundle, operator_message};

struct Published {
    dir: tempfile::TempDir,
    epochs: Vec<SignedBundle>,
}

impl Published {
    fn new(epochs: u64) -> Self {
        Self::with(epochs, |_| {})
    }

    fn with(epochs: u64, change: impl Fn(&mut World)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = InitOptions {
            namespace: NAMESPACE.into(),
            operator_key: hex::encode(ed25519("operator").verifying_key().as_bytes()),
            origin: "auditor.example/keepsake".into(),
            attestation_roots: vec![root("test")],
            mock: true,
            minimum_firmware: "2.3.1".into(),
            tls_ca: None,
        };
        drop(Auditor::init(dir.path(), options).unwrap());
        let mut this = Self { dir, epochs: Vec::new() };
        for epoch in 1..=epochs {
            let signed = this.signed(epoch, &change);
            let document = this.open().publish(signed).unwrap();
            this.epochs.push(document);
        }
        this
    }

    fn open(&self) -> Auditor {
        Auditor::open(self.dir.path()).unwrap()
    }

    /// Signed by both parties, and not published yet.
    fn signed(&self, epoch: u64, change: impl Fn(&mut World)) -> SignedBundle {
        let auditor = self.open();
        let mut world = World::honest();
        world.bundle = bundle(epoch, self.epochs.last().map(|e| &e.bundle));
        change(&mut world);
        for device in &mut world.devices {
            device.challenge = auditor.challenge(&[device.serial], NOW).unwrap()[0].challenge;
        }
        let noted = |d: &support::devices::DeviceModel| AnchorRequest {
            serial: d.serial,
            challenge: d.challenge,
            anchor: d.anchor,
        };
        let requests: Vec<AnchorRequest> = world.devices.iter().map(noted).collect();
        world.anchors = Some(auditor.anchor(&requests, NOW).unwrap());
        let (bundle, files) = world.evidence();
        let signed = auditor.sign(&bundle, &EvidenceFolder::new(files).unwrap(), NOW).unwrap();
        countersigned(bundle, signed)
    }

    fn public(&self, path: &str) -> PathBuf {
        self.dir.path().join("public").join(path)
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.public(path)).unwrap()
    }

    fn latest(&self) -> u64 {
        SignedBundle::from_json(self.text("bundles/latest").as_bytes()).unwrap().bundle.epoch
    }
}

fn countersigned(bundle: Bundle, signed: auditor::Signed) -> SignedBundle {
    let counter = ed25519("operator").sign(&operator_message(&signed.signature)).to_bytes();
    SignedBundle {
        bundle,
        auditor: vault_protocol::Auditor {
            timestamp: signed.timestamp,
            signature: signed.signature,
        },
        operator: Operator { signature: Signature64(counter) },
        log_proof: String::new(),
    }
}

#[test]
fn a_crash_before_latest_is_made_good_at_the_next_start() {
    let published = Published::new(2);
    // As if the power failed when `bundles/2` was written and nothing after it.
    std::fs::copy(published.public("bundles/1"), published.public("bundles/latest")).unwrap();
    std::fs::remove_file(published.public("epochs/2.html")).unwrap();
    std::fs::remove_file(published.public("evidence/2.tar")).unwrap();
    std::fs::remove_file(published.public("evidence/2/bundle.json")).unwrap();
    drop(published.open());
    assert_eq!(published.latest(), 2);
    for path in ["epochs/2.html", "evidence/2.tar", "evidence/2/bundle.json"] {
        assert!(published.public(path).exists(), "{path}");
    }
    assert!(published.text("index.html").contains("epochs/2.html"));
}

#[test]
fn a_crash_before_the_first_latest_does_not_stop_the_next_epoch() {
    let mut published = Published::new(1);
    std::fs::remove_file(published.public("bundles/latest")).unwrap();
    let again = published.open().publish(published.epochs[0].clone()).unwrap();
    assert_eq!((again, published.latest()), (published.epochs[0].clone(), 1));
    let next = published.signed(2, |_| {});
    published.epochs.push(published.open().publish(next).unwrap());
    assert_eq!(published.latest(), 2);
}

#[test]
fn publishing_an_old_epoch_again_does_not_bring_it_back() {
    let published = Published::new(2);
    assert_eq!(published.open().publish(published.epochs[0].clone()).unwrap(), published.epochs[0]);
    assert_eq!(published.latest(), 2);
}

#[test]
fn pages_that_are_missing_are_written_at_the_next_start() {
    let published = Published::new(1);
    let before = published.text("epochs/1.html");
    std::fs::remove_dir_all(published.public("epochs")).unwrap();
    std::fs::remove_file(published.public("index.html")).unwrap();
    drop(published.open());
    assert_eq!(published.text("epochs/1.html"), before);
    assert!(published.public("index.html").exists());
}

#[test]
fn the_archive_holds_exactly_the_published_folder() {
    let published = Published::new(1);
    let archive = std::fs::read(published.public("evidence/1.tar")).unwrap();
    let folder = EvidenceFolder::from_tar(&archive).unwrap();
    assert!(folder.get("manifest.json").is_some() && folder.get("bundle.json").is_some());
    for (path, bytes) in folder.files() {
        assert_eq!(
            &std::fs::read(published.public("evidence/1").join(path)).unwrap(),
            bytes,
            "{path}"
        );
    }
}

#[test]
fn the_page_of_an_epoch_says_what_was_examined_and_what_that_is_worth() {
    let page = Published::new(1).text("epochs/1.html");
    for part in [
        "MOCK",
        "This fleet can be trusted",
        "1001 (MOCK)",
        "2.4.",
        "https://site1.example:7101",
        "What this does not prove",
        "keepsake fleet verify",
        "script/verify_fleet.py",
        "evidence/1/manifest.json",
        "evidence/1.tar",
        "No hidden administrator",
    ] {
        assert!(page.contains(part), "{part} is missing");
    }
    for check in 0..=13 {
        assert!(page.contains(&format!("<td>E{check}</td>")), "E{check}");
    }
    assert!(!page.contains("<script") && !page.contains("outcome bad"));
}

#[test]
fn every_file_is_linked_with_its_own_digest() {
    use sha2::{Digest, Sha256};
    let published = Published::new(1);
    let page = published.text("epochs/1.html");
    let folder =
        EvidenceFolder::from_tar(&std::fs::read(published.public("evidence/1.tar")).unwrap())
            .unwrap();
    for (path, bytes) in folder.files() {
        let row = page.split("<tr>").find(|row| row.contains(&format!(">{path}</a>"))).unwrap();
        assert!(row.contains(&hex::encode(Sha256::digest(bytes))), "{path}");
    }
}

#[test]
fn the_index_lists_all_epochs_and_who_appeared_and_left() {
    let published = Published::new(2);
    let page = published.text("index.html");
    for part in [
        "epochs/1.html",
        "epochs/2.html",
        "newest",
        "replaced",
        "device 1001 in region-1",
        "Epoch 2:",
    ] {
        assert!(page.contains(part), "{part} is missing");
    }
}

#[test]
fn an_index_without_epochs_says_so() {
    assert!(Published::new(0).text("index.html").contains("No epoch has been published yet"));
}

#[test]
fn markup_in_a_region_is_shown_not_obeyed() {
    let published = Published::with(1, |w| w.bundle.sites[0].region = "<b onclick=x>&'\"".into());
    for path in ["index.html", "epochs/1.html"] {
        let page = published.text(path);
        assert!(
            page.contains("&lt;b onclick=x&gt;&amp;'&quot;") && !page.contains("<b onclick"),
            "{path}"
        );
    }
}
