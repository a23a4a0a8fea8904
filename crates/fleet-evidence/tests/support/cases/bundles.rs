use super::{Case, Document};
use crate::support::world::World;
use crate::support::*;
use fleet_evidence::{BundleDocuments, Seen, verify_bundle};

pub fn cases() -> Vec<Case> {
    let mut out = roles();
    out.extend(forms());
    out.extend(times());
    out.extend(logs());
    out.extend(histories());
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
                s.operator.signature =
                    Signature64(ed25519("operator").sign(&operator_message(&s.auditor.signature)).to_bytes());
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
                s.operator.signature = Signature64(ed25519("operator").sign(&s.bundle.id().0).to_bytes());
            },
        ),
        from_signed(
            "counter-signature-unlabelled",
            "The operator signs the auditor's signature without the label.",
            &["B2"],
            |s| {
                s.operator.signature = Signature64(ed25519("operator").sign(&s.auditor.signature.0).to_bytes());
            },
        ),
        from_signed("roles-swapped", "Each party signs in the other's role.", &["B1", "B2"], |s| {
            *s = resigned("operator", "auditor")
        }),
        from_signed("stranger-signed", "Two unknown parties sign.", &["B1", "B2"], |s| {
            *s = resigned("stranger", "stranger 2")
        }),
        from_signed("timestamp-changed", "The auditor's time is changed after signing.", &["B1", "B4"], |s| {
            s.auditor.timestamp -= 1
        }),
        from_trust("one-party-both-roles", "The pinned keys of both roles are one key.", &["B2", "B3"], |t| {
            t.operator_key = t.auditor_key.clone();
        }),
        from_trust("rsa-512-role-key", "The auditor's pinned key is a 512-bit RSA modulus.", &["B1", "B3"], |t| {
            t.auditor_key = "c5".repeat(64)
        }),
        from_trust("unknown-key-type", "The operator's pinned key is a compressed P-256 point.", &["B2", "B3"], |t| {
            t.operator_key = format!("02{}", "6b".repeat(32));
        }),
        from_trust(
            "small-order-role-key",
            "The auditor's pinned key is the identity, under which anything verifies.",
            &["B1", "B3"],
            |t| {
                t.auditor_key = format!("01{}", "00".repeat(31));
            },
        ),
        from_bundle("namespace-swapped", "A bundle of another namespace, signed by the same parties.", &["B1"], |b| {
            b.namespace = "other.keepsake".into()
        }),
        from_signed("key-substituted", "The fleet key is replaced after signing.", &["B1", "B4"], |s| {
            s.bundle.fleet_key = point("another")
        }),
        from_signed("seal-key-substituted", "One device's seal key is replaced after signing.", &["B1", "B4"], |s| {
            s.bundle.sites[1].devices[0].seal_key = point("another");
        }),
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
        from_bundle("device-listed-twice", "One device stands for two sites.", &["B0"], |b| {
            b.sites[2].devices[0].serial = 1002
        }),
        from_bundle("key-listed-twice", "Two devices have one oprf key.", &["B0"], |b| {
            b.sites[2].devices[0].oprf_key = b.sites[1].devices[0].oprf_key;
        }),
        from_bundle("point-off-curve", "A key is not a point of the curve.", &["B0"], |b| {
            b.sites[0].devices[0].oprf_key = Point([4; 65])
        }),
        from_bundle("http-endpoint", "A site is reached without TLS.", &["B0"], |b| {
            b.sites[0].endpoint = "http://site1.example".into()
        }),
        from_bundle("number-beyond-doubles", "An integer has no exact canonical form.", &["B0"], |b| {
            b.not_after = u64::MAX
        }),
    ]
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
        proof("proof-for-another-entry", "The proof is of another entry of the same log.", |s, log| {
            log.append(&leaf(s));
            s.log_proof = log.proof(0).encode();
        }),
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

/// What a client remembers after a bundle.
fn seen(signed: &SignedBundle) -> Seen {
    verify_bundle(&BundleDocuments::alone(&json(signed)), &trust_of_world(), None, NOW).unwrap().seen()
}

fn trust_of_world() -> Trust {
    Trust::new(World::honest().trust).unwrap()
}

/// Epoch 2 with evidence of its own, after epoch 1 in one log; device 1003 gave way to 1009.
fn second_epoch() -> (Document, SignedBundle, MemoryLog) {
    let first = Document::of(&World::honest()).signed.unwrap();
    let mut log = MemoryLog::default();
    let first = log.publish(SignedBundle { log_proof: String::new(), ..first });
    let mut world = World::honest();
    world.bundle = bundle(2, Some(&first.bundle));
    world.bundle.sites[2] = site(3, 1009);
    world.devices[2] = devices::DeviceModel::honest(1009, false, 2);
    let mut document = Document::of(&world);
    document.signed = Some(log.publish(signed(document.signed.unwrap().bundle)));
    (document, first, log)
}

fn histories() -> Vec<Case> {
    let case = |name, about, refused_by: &[&'static str], change: fn(&mut Document, SignedBundle, MemoryLog)| {
        let (mut document, first, log) = second_epoch();
        change(&mut document, first, log);
        Case { name, about, refused_by: refused_by.to_vec(), files: document.files() }
    };
    vec![
        case(
            "honest-second-epoch",
            "A client that saw epoch 1 is shown epoch 2, with history.",
            &[],
            |d, first, log| {
                d.seen = Some(seen(&first));
                d.consistency = Some(log.consistency(1));
                d.history = vec![first];
            },
        ),
        case("honest-newcomer", "A newcomer is shown epoch 2 and its history.", &[], |d, first, _| {
            d.history = vec![first]
        }),
        case("history-gap", "A newcomer is shown epoch 2 without epoch 1.", &["B8"], |_, _, _| {}),
        case("history-unsigned", "The history's bundle is not signed by the operator.", &["B8"], |d, mut first, _| {
            first.operator.signature = Signature64([0; 64]);
            d.history = vec![first];
        }),
        case("older-epoch-replayed", "A client that saw epoch 2 is shown epoch 1 again.", &["B6"], |d, first, log| {
            let second = d.signed.replace(first.clone()).unwrap();
            let bytes = json(&second);
            let history = [json(&first)];
            let documents = BundleDocuments { signed: &bytes, history: &history, consistency: None };
            d.seen = Some(verify_bundle(&documents, &trust_of_world(), None, NOW).unwrap().seen());
            d.consistency = Some(log.consistency(1));
        }),
        case(
            "two-bundles-for-an-epoch",
            "A client that saw epoch 2 is shown another epoch 2.",
            &["B6"],
            |d, first, mut log| {
                let second = d.signed.take().unwrap();
                let (bytes, history) = (json(&second), [json(&first)]);
                let documents = BundleDocuments { signed: &bytes, history: &history, consistency: None };
                d.seen = Some(verify_bundle(&documents, &trust_of_world(), None, NOW).unwrap().seen());
                let mut other = second.bundle;
                other.fleet_key = point("another");
                d.signed = Some(log.publish(signed(other)));
                d.consistency = Some(log.consistency(2));
                d.history = vec![first];
            },
        ),
        case(
            "two-bundles-in-history",
            "The history has two signed bundles for epoch 1.",
            &["B6"],
            |d, first, mut log| {
                let mut other = first.bundle.clone();
                other.fleet_key = point("another");
                d.history = vec![first, log.publish(signed(other))];
            },
        ),
        case("forked-log", "The log is not the one seen before.", &["B5"], |d, first, _| {
            d.seen = Some(seen(&first));
            d.history = vec![first];
            let mut fork = MemoryLog::default();
            fork.append(b"something else");
            d.signed = Some(fork.publish(d.signed.clone().unwrap()));
            d.consistency = Some(fork.consistency(1));
        }),
        case("same-size-other-root", "Two logs of one size.", &["B5"], |d, first, log| {
            d.history = vec![first.clone()];
            d.seen = Some(seen(&first));
            let seen = d.seen.as_mut().unwrap();
            (seen.checkpoint.size, seen.checkpoint.root) = (log.size, [7; 32]);
        }),
        case(
            "consistency-missing",
            "The log grew, and nothing shows that it grew from what was seen.",
            &["B5"],
            |d, first, _| {
                d.seen = Some(seen(&first));
                d.history = vec![first];
            },
        ),
        case("another-past", "Epoch 2 names another epoch 1 than the one seen.", &["B6", "B8"], |d, first, log| {
            d.seen = Some(seen(&first));
            d.consistency = Some(log.consistency(1));
            let (mut bundle, mut log) = (d.signed.take().unwrap().bundle, MemoryLog::default());
            log.append(&leaf(&first));
            bundle.previous = Some(BundleId([9; 32]));
            d.signed = Some(log.publish(signed(bundle)));
            d.consistency = Some(log.consistency(1));
            d.history = vec![first];
        }),
        renewed("honest-renewal", "Epoch 2 has the keys and devices of epoch 1 and says so.", &[], |_, b| {
            b.keys_since = Some(1)
        }),
        renewed(
            "keys-since-false",
            "Epoch 2 says that its keys are those of epoch 1, and a device has others.",
            &["B8"],
            |_, b| {
                b.keys_since = Some(1);
                b.sites[1].devices[0].oprf_key = point("another");
            },
        ),
        renewed("keys-since-the-future", "A bundle says that its keys date from its own epoch.", &["B0"], |_, b| {
            b.keys_since = Some(2)
        }),
        renewed(
            "keys-since-revoked",
            "Epoch 2 goes on with the keys of epoch 1, which it revokes.",
            &["B0"],
            |_, b| {
                b.keys_since = Some(1);
                b.revoked_epochs = vec![1];
            },
        ),
        revocation_forgotten(),
    ]
}

/// Epoch 2 of the same devices, shown to a newcomer with epoch 1 as history.
fn renewed(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&Bundle, &mut Bundle),
) -> Case {
    let mut log = MemoryLog::default();
    let first =
        log.publish(SignedBundle { log_proof: String::new(), ..Document::of(&World::honest()).signed.unwrap() });
    let mut world = World::honest();
    world.bundle = bundle(2, Some(&first.bundle));
    change(&first.bundle, &mut world.bundle);
    let mut document = Document::of(&world);
    document.signed = Some(log.publish(signed(document.signed.unwrap().bundle)));
    document.history = vec![first];
    Case { name, about, refused_by: refused_by.to_vec(), files: document.files() }
}

/// Three epochs: the second revokes the first, the third does not.
fn revocation_forgotten() -> Case {
    let mut log = MemoryLog::default();
    let first =
        log.publish(SignedBundle { log_proof: String::new(), ..Document::of(&World::honest()).signed.unwrap() });
    let mut second = bundle(2, Some(&first.bundle));
    second.revoked_epochs = vec![1];
    let second = log.publish(signed(second));
    let mut world = World::honest();
    world.bundle = bundle(3, Some(&second.bundle));
    let mut document = Document::of(&world);
    document.signed = Some(log.publish(signed(document.signed.unwrap().bundle)));
    document.history = vec![first, second];
    let about = "Epoch 3 forgets that epoch 2 revoked epoch 1.";
    Case { name: "revocation-forgotten", about, refused_by: vec!["B8"], files: document.files() }
}
