use super::{Case, Document};
use crate::support::world::World;
use crate::support::*;
use serde_json::Value;

pub(super) fn cases() -> Vec<Case> {
    let mut out = roles();
    out.extend(forms());
    out.extend(times());
    out.extend(logs());
    out
}

fn from_signed(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&mut SignedBundle),
) -> Case {
    let mut document = Document::of(&World::honest());
    change(document.signed.as_mut().unwrap());
    Case { name, about, refused_by: refused_by.to_vec(), files: document.files() }
}

/// The change is made before both parties sign, so only the rule itself can refuse.
fn from_bundle(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&mut Bundle),
) -> Case {
    let mut document = Document::of(&World::honest());
    let mut bundle = document.signed.unwrap().bundle;
    change(&mut bundle);
    document.signed = Some(MemoryLog::default().publish(signed(bundle)));
    Case { name, about, refused_by: refused_by.to_vec(), files: document.files() }
}

fn from_trust(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&mut TrustDocument),
) -> Case {
    let mut document = Document::of(&World::honest());
    change(&mut document.trust);
    Case { name, about, refused_by: refused_by.to_vec(), files: document.files() }
}

fn resigned(auditor: &str, operator: &str) -> SignedBundle {
    let (bundle, _) = World::honest().evidence();
    MemoryLog::default().publish(signed_by(bundle, &ed25519(auditor), &ed25519(operator)))
}

fn roles() -> Vec<Case> {
    vec![
        from_signed(
            "auditor-signature-missing",
            "The operator signs and logs a fleet without the auditor.",
            &["B1"],
            |s| {
                s.auditor.signature = Signature64([0; 64]);
                s.operator.signature = Signature64(
                    ed25519("operator").sign(&operator_message(&s.auditor.signature)).to_bytes(),
                );
                *s = MemoryLog::default().publish(s.clone());
            },
        ),
        from_signed("operator-signature-missing", "The auditor alone signs.", &["B2"], |s| {
            s.operator.signature = Signature64([0; 64]);
        }),
        from_signed(
            "counter-signature-over-bundle",
            "The operator signs the bundle id instead of the auditor's signature.",
            &["B2"],
            |s| {
                s.operator.signature =
                    Signature64(ed25519("operator").sign(&s.bundle.id().0).to_bytes());
            },
        ),
        from_signed(
            "counter-signature-unlabelled",
            "The operator signs the auditor's signature without the label.",
            &["B2"],
            |s| {
                s.operator.signature =
                    Signature64(ed25519("operator").sign(&s.auditor.signature.0).to_bytes());
            },
        ),
        from_signed("roles-swapped", "Each party signs in the other's role.", &["B1", "B2"], |s| {
            *s = resigned("operator", "auditor")
        }),
        from_signed("stranger-signed", "Two unknown parties sign.", &["B1", "B2"], |s| {
            *s = resigned("stranger", "stranger 2")
        }),
        from_signed(
            "timestamp-changed",
            "The auditor's time is changed after signing.",
            &["B1", "B4"],
            |s| s.auditor.timestamp -= 1,
        ),
        from_trust(
            "one-party-both-roles",
            "The pinned keys of both roles are one key.",
            &["B2", "B3"],
            |t| {
                t.operator_key = t.auditor_key.clone();
            },
        ),
        from_trust(
            "rsa-512-role-key",
            "The auditor's pinned key is a 512-bit RSA modulus.",
            &["B1", "B3"],
            |t| t.auditor_key = "c5".repeat(64),
        ),
        from_trust(
            "unknown-key-type",
            "The operator's pinned key is a compressed P-256 point.",
            &["B2", "B3"],
            |t| {
                t.operator_key = format!("02{}", "6b".repeat(32));
            },
        ),
        from_trust(
            "small-order-role-key",
            "The auditor's pinned key is the identity, under which anything verifies.",
            &["B1", "B3"],
            |t| {
                t.auditor_key = format!("01{}", "00".repeat(31));
            },
        ),
        from_bundle(
            "namespace-swapped",
            "A bundle of another namespace, signed by the same parties.",
            &["B1"],
            |b| b.namespace = "other.keepsake".into(),
        ),
        from_signed(
            "key-substituted",
            "The fleet key is replaced after signing.",
            &["B1", "B4"],
            |s| s.bundle.fleet_key = point("another"),
        ),
        from_signed(
            "session-key-substituted",
            "One session key is replaced after signing.",
            &["B1", "B4"],
            |s| {
                s.bundle.sites[1].devices[0].session_key = point("another");
            },
        ),
        from_signed(
            "policy-substituted",
            "The policy for guesses is changed after signing.",
            &["B1", "B4"],
            |s| {
                s.bundle.policy = GuessPolicy::Strict;
            },
        ),
        from_signed(
            "seal-key-substituted",
            "One device's seal key is replaced after signing.",
            &["B1", "B4"],
            |s| {
                s.bundle.sites[1].devices[0].seal_key = point("another");
            },
        ),
    ]
}

fn forms() -> Vec<Case> {
    let raw = |name, about, bytes: &[u8]| {
        let mut document = Document::of(&World::honest());
        document.raw = Some(bytes.to_vec());
        Case { name, about, refused_by: vec!["B0"], files: document.files() }
    };
    let honest = Document::of(&World::honest()).files()["bundle.json"].clone();
    vec![
        raw("damaged-json", "The bundle is cut in the middle.", &honest[..honest.len() / 2]),
        raw("empty-bundle", "The bundle is empty.", b""),
        raw(
            "version-1",
            "A bundle of version 1, with the fields that it had.",
            &version_1(&honest),
        ),
        raw(
            "version-3",
            "A bundle of a version that is not known yet.",
            &changed(&honest, |b| {
                b["type"] = "keepsake/validation-bundle/v3".into();
            }),
        ),
        raw(
            "version-without-number",
            "A bundle whose version is no number.",
            &changed(&honest, |b| {
                b["type"] = "keepsake/validation-bundle/v2a".into();
            }),
        ),
        raw(
            "policy-unknown",
            "A bundle with a policy that nobody knows.",
            &changed(&honest, |b| {
                b["policy"] = "lenient".into();
            }),
        ),
        raw(
            "policy-missing",
            "A bundle without a policy.",
            &changed(&honest, |b| {
                b.as_object_mut().unwrap().remove("policy");
            }),
        ),
        from_bundle("device-listed-twice", "One device stands for two sites.", &["B0"], |b| {
            b.sites[2].devices[0].serial = 1002
        }),
        from_bundle("key-listed-twice", "Two devices have one oprf key.", &["B0"], |b| {
            b.sites[2].devices[0].oprf_key = b.sites[1].devices[0].oprf_key;
        }),
        from_bundle("key-in-two-roles", "A device's session key is its seal key.", &["B0"], |b| {
            b.sites[1].devices[0].session_key = b.sites[1].devices[0].seal_key;
        }),
        from_bundle(
            "fleet-key-as-session-key",
            "A site's session key is the one that all sites hold.",
            &["B0"],
            |b| {
                b.sites[1].devices[0].session_key = b.fleet_key;
            },
        ),
        from_bundle("point-off-curve", "A key is not a point of the curve.", &["B0"], |b| {
            b.sites[0].devices[0].oprf_key = Point([4; 65])
        }),
        from_bundle("http-endpoint", "A site is reached without TLS.", &["B0"], |b| {
            b.sites[0].endpoint = "http://site1.example".into()
        }),
        from_bundle(
            "number-beyond-doubles",
            "An integer has no exact canonical form.",
            &["B0"],
            |b| b.not_after = u64::MAX,
        ),
    ]
}

/// The honest document with another bundle in it.
fn changed(honest: &[u8], change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(honest).unwrap();
    change(&mut document["bundle"]);
    serde_json::to_vec_pretty(&document).unwrap()
}

fn version_1(honest: &[u8]) -> Vec<u8> {
    changed(honest, |b| {
        b["type"] = "keepsake/validation-bundle/v1".into();
        b.as_object_mut().unwrap().remove("policy");
        for site in b["sites"].as_array_mut().unwrap() {
            site["devices"][0].as_object_mut().unwrap().remove("session_key");
        }
    })
}

fn times() -> Vec<Case> {
    vec![
        from_bundle("expired", "The period of use is over.", &["B7"], |b| {
            (b.not_before, b.not_after) = (NOW - 900, NOW - 1)
        }),
        from_bundle("not-yet-valid", "The period of use has not begun.", &["B7"], |b| {
            (b.not_before, b.not_after) = (NOW + 1, NOW + 900)
        }),
        from_bundle("empty-period", "The period of use ends before it begins.", &["B7"], |b| {
            (b.not_before, b.not_after) = (NOW + 1, NOW - 1)
        }),
    ]
}

fn logs() -> Vec<Case> {
    let proof = |name, about, change: fn(&mut SignedBundle, &mut MemoryLog)| {
        from_signed(name, about, &["B4"], |s| {
            let mut log = MemoryLog::default();
            log.append(b"an earlier entry");
            change(s, &mut log);
        })
    };
    vec![
        proof(
            "proof-for-another-entry",
            "The proof is of another entry of the same log.",
            |s, log| {
                log.append(&leaf(s));
                s.log_proof = log.proof(0).encode();
            },
        ),
        proof("proof-index-wrong", "The proof names another place than the entry's.", |s, log| {
            let index = log.append(&leaf(s));
            let mut proof = log.proof(index);
            proof.index = 0;
            s.log_proof = proof.encode();
        }),
        proof("checkpoint-by-another-key", "The tree head is signed by a stranger.", |s, log| {
            let index = log.append(&leaf(s));
            let mut proof = log.proof(index);
            proof.checkpoint = log.checkpoint_by(&ed25519("stranger"));
            s.log_proof = proof.encode();
        }),
        proof("proof-missing", "There is no log proof.", |s, _| s.log_proof = String::new()),
        proof("path-too-long", "The proof has a hash too many.", |s, log| {
            let index = log.append(&leaf(s));
            let mut proof = log.proof(index);
            proof.hashes.push([0; 32]);
            s.log_proof = proof.encode();
        }),
    ]
}
