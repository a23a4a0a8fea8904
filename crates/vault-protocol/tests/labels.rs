//! Every labelled message, against examples of an independent program (spec/labels.txt).
#![allow(clippy::unwrap_used)]

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use vault_protocol::{
    AccessKey, AccessOpening, AccountId, AccountTag, AuditCounts, BundleId, Claim, DeviceBox,
    EvaluatedTry, KeysDigest, OwnerKey, PasskeyHead, Record, Roster, Signature64, SiteIndex,
    SiteNonce, SlotId, StatementOf, Subject, Try, TryId, VoteKey, VoteKeyCertificate,
    audit_counts_message, auditor_message, box_info, boxes_digest, labelled, live_counts_message,
    operator_message, passkey_box_info, passkey_challenge, registration_digest, removal_message,
    reset_message, slot_id,
};

/// A label's fields by name, in their order, and the digest of the whole message.
struct Example {
    fields: Vec<(String, Vec<u8>)>,
    digest: Vec<u8>,
}

impl Example {
    fn get(&self, name: &str) -> &[u8] {
        &self.fields.iter().find(|(field, _)| field == name).unwrap().1
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.get(name).try_into().unwrap()
    }

    fn keys(&self) -> KeysDigest {
        KeysDigest(self.array("D"))
    }

    fn account(&self) -> AccountId {
        AccountId(self.array("A"))
    }

    fn site(&self) -> SiteIndex {
        SiteIndex(self.get("u8 i")[0])
    }

    fn number32(&self, name: &str) -> u32 {
        u32::from_be_bytes(self.array(name))
    }

    fn number64(&self, name: &str) -> u64 {
        u64::from_be_bytes(self.array(name))
    }

    fn postcard<'a, T: serde::Deserialize<'a>>(&'a self, name: &str) -> T {
        postcard::from_bytes(self.get(name)).unwrap()
    }
}

fn examples() -> BTreeMap<String, Example> {
    let mut examples = BTreeMap::new();
    let text = include_str!("../../../spec/labels.txt");
    for part in text.split("\n\n").filter(|part| !part.starts_with('#')) {
        let (label, rest) = part.trim().split_once('\n').unwrap();
        let (fields, digest) = rest.rsplit_once("    = ").unwrap();
        let fields = fields.lines().map(field).collect();
        let digest = hex::decode(digest).unwrap();
        examples.insert(label.to_string(), Example { fields, digest });
    }
    examples
}

fn field(line: &str) -> (String, Vec<u8>) {
    let (name, rest) = line.trim().split_once(" ..").unwrap();
    let mut rest = rest.trim_start_matches('.').split_whitespace();
    let len: usize = rest.next().unwrap().parse().unwrap();
    let bytes = hex::decode(rest.next().unwrap_or_default()).unwrap();
    assert_eq!(bytes.len(), len, "{line}");
    (name.to_string(), bytes)
}

#[test]
fn fields_and_label_make_the_message() {
    for (label, example) in examples() {
        let fields: Vec<&[u8]> = example.fields.iter().map(|(_, bytes)| &**bytes).collect();
        let message = labelled(&label, &fields);
        assert_eq!(sha256(&message), example.digest, "{label}");
    }
}

#[test]
fn what_this_crate_signs_and_hashes_has_these_bytes() {
    let examples = examples();
    let mut elsewhere = BTreeSet::new();
    for (label, example) in &examples {
        // An account's id is the beginning of its digest.
        if let Some(digest) = digest_of(label, example) {
            assert!(example.digest.starts_with(&digest), "{label}");
        } else {
            elsewhere.insert(label.as_str());
        }
    }
    let secrets =
        ["access-key", "commitment", "multiplier", "share-mask", "unlock-tag", "vault-key"];
    let of_recovery_crypto = [&secrets[..], &["passkey-commitment"]].concat();
    let of_the_client = ["code-salt", "passkey-unlock-key"];
    // Of a proof, the MAC itself is checked (vectors.rs); a site's start is signed for nobody.
    let rest = ["confirm", "site-start"];
    let all = [&of_recovery_crypto[..], &of_the_client, &rest].concat();
    assert_eq!(elsewhere, all.into_iter().collect());
}

/// What this crate makes of the fields: a digest, or the beginning of one.
fn digest_of(label: &str, of: &Example) -> Option<Vec<u8>> {
    Some(match label {
        "account" => {
            let owner = OwnerKey(of.array("owner key"));
            Claim { owner, nonce: of.array("nonce") }.account().0.to_vec()
        }
        "owner-record" => of.postcard::<Record>("record").digest().to_vec(),
        "owner-removal" => sha256(&removal_message(&of.keys(), &of.account())),
        "owner-reset" => sha256(&reset_message(&of.keys(), &of.account(), of.number64("u64 r"))),
        "owner-roster" => of.postcard::<Roster>("roster").digest(&of.keys()).to_vec(),
        "access-commitment" => {
            let key = AccessKey(of.array("access key"));
            AccessOpening { salt: of.array("salt"), key }.commitment().0.to_vec()
        }
        "boxes" => boxes_digest(&of.postcard::<Vec<DeviceBox>>("boxes")).to_vec(),
        "box" => {
            let version = of.number32("u32 v");
            let serial = of.number32("u32 serial");
            sha256(&box_info(&of.keys(), &of.account(), version, of.site(), serial))
        }
        "try" => tried(of).id(&of.keys()).0.to_vec(),
        "slot" => {
            let slot = of.get("u8 k")[0];
            slot_id(&of.keys(), &of.account(), of.number64("u64 r"), slot).0.to_vec()
        }
        "vote-key" => {
            let key = VoteKey(of.array("vote key"));
            let started = of.number64("u64 started");
            sha256(&VoteKeyCertificate::message(&of.keys(), of.site(), started, &key))
        }
        "auditor-signature" => {
            let namespace = String::from_utf8(of.get("namespace").to_vec()).unwrap();
            let bundle = BundleId(of.array("bundle id"));
            let epoch = of.number64("u64 epoch");
            sha256(&auditor_message(&namespace, epoch, of.number64("u64 time"), &bundle))
        }
        "operator-countersignature" => {
            sha256(&operator_message(&Signature64(of.array("auditor's signature"))))
        }
        "passkey-challenge" => {
            passkey_challenge(&of.keys(), &of.account(), &nonces_of_a_challenge(of)).to_vec()
        }
        "passkey-record" => of.postcard::<PasskeyHead>("head").digest().to_vec(),
        "passkey-registration" => {
            let nonces: Vec<SiteNonce> = of.postcard("nonces");
            registration_digest(&nonces, of.get("registration")).to_vec()
        }
        "passkey-box" => {
            let serial = of.number32("u32 serial");
            let credential = of.get("credential");
            let keys = of.keys();
            sha256(&passkey_box_info(&keys, &of.account(), credential, of.site(), serial))
        }
        "tag" => AccountTag::of(&of.account()).0.to_vec(),
        _ => return statement(label, of).or_else(|| audit(label, of)),
    })
}

fn statement(label: &str, of: &Example) -> Option<Vec<u8>> {
    let subject: Subject;
    let statement = match label {
        "vote" => {
            let slot = SlotId(of.array("slot id"));
            StatementOf::Vote { slot, tried: TryId(of.array("try id")) }
        }
        "receipt" => StatementOf::Receipt {
            account: of.account(),
            version: of.number32("u32 v"),
            tried: TryId(of.array("try id")),
            round: of.number64("u64 r"),
        },
        "acknowledgement" => {
            subject = of.postcard("subject");
            StatementOf::Acknowledgement { account: of.account(), subject: &subject }
        }
        "ticket" => StatementOf::Ticket { account: of.account() },
        _ => return None,
    };
    Some(sha256(&statement.message(&of.keys(), of.site())))
}

fn audit(label: &str, of: &Example) -> Option<Vec<u8>> {
    let counts = || serde_json::from_slice::<AuditCounts>(of.get("counts")).unwrap();
    Some(match label {
        "audit-counts" => sha256(&audit_counts_message(&counts())),
        "live-counts" => sha256(&live_counts_message(&of.array("nonce"), &counts())),
        "evaluated" => {
            of.postcard::<EvaluatedTry>("entry").chained(&of.array("digest before")).to_vec()
        }
        _ => return None,
    })
}

fn tried(of: &Example) -> Try {
    Try {
        account: of.account(),
        version: of.number32("u32 v"),
        round: of.number64("u64 r"),
        slot: of.get("u8 k")[0],
        alpha: of.array("SHA-256(alpha)"),
        at: of.number64("u64 time"),
        signature: Signature64([0; 64]),
    }
}

fn nonces_of_a_challenge(of: &Example) -> Vec<SiteNonce> {
    let each = of.fields[2..].chunks_exact(3);
    let nonce = |fields: &[(String, Vec<u8>)]| SiteNonce {
        site: SiteIndex(fields[0].1[0]),
        nonce: fields[1].1.as_slice().try_into().unwrap(),
        handshake: fields[2].1.as_slice().try_into().unwrap(),
    };
    each.map(nonce).collect()
}

#[test]
fn every_label_of_the_specifications_has_its_example() {
    let examples: BTreeSet<String> = examples().into_keys().collect();
    let protocol = include_str!("../../../spec/vault-protocol.md");
    let table = protocol.split("| label | fields |").nth(1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut specified: BTreeSet<String> =
        rows.flat_map(|row| quoted(row.split('|').nth(1).unwrap())).collect();
    assert!(specified.len() > 25, "the table was read");
    let passkeys = include_str!("../../../spec/passkey-release.md");
    let labels = passkeys.split("Labels:").nth(1).unwrap();
    specified.extend(quoted(labels.split("\n\n").next().unwrap()));
    // A site's own, which nobody else can check; and what stays on a computer.
    let left_out = ["cookie", "passkey-…", "passkey-pin-key", "passkey-secrets", "passkey-store"];
    specified.retain(|label| !left_out.contains(&label.as_str()));
    let missing: Vec<_> = specified.difference(&examples).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

#[test]
fn no_crate_of_the_vault_uses_a_label_without_an_example() {
    let examples: BTreeSet<String> = examples().into_keys().collect();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut used = BTreeSet::new();
    for name in ["vault-protocol", "recovery-crypto", "vault-facts", "vault-state"] {
        labels_in(&crates.join(name).join("src"), &mut used);
    }
    assert!(used.contains("owner-record") && used.contains("passkey-commitment"), "{used:?}");
    let missing: Vec<_> = used.difference(&examples).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Labels are written where they are used, as the first argument of `labelled`.
fn labels_in(folder: &Path, labels: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            labels_in(&path, labels);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let uses = text.split("labelled(\"").skip(1);
            labels.extend(uses.map(|rest| rest.split('"').next().unwrap().to_string()));
        }
    }
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}
