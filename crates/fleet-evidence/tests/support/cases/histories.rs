use super::{Case, Document};
use crate::support::world::World;
use crate::support::*;
use fleet_evidence::{BundleDocuments, Seen, verify_bundle};

/// What a client remembers after a bundle.
fn seen(signed: &SignedBundle) -> Seen {
    verify_bundle(&BundleDocuments::alone(&json(signed)), &trust_of_world(), None, NOW)
        .unwrap()
        .seen()
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

pub(super) fn cases() -> Vec<Case> {
    let case = |name,
                about,
                refused_by: &[&'static str],
                change: fn(&mut Document, SignedBundle, MemoryLog)| {
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
        case(
            "honest-newcomer",
            "A newcomer is shown epoch 2 and its history.",
            &[],
            |d, first, _| d.history = vec![first],
        ),
        case("history-gap", "A newcomer is shown epoch 2 without epoch 1.", &["B8"], |_, _, _| {}),
        case(
            "history-unsigned",
            "The history's bundle is not signed by the operator.",
            &["B8"],
            |d, mut first, _| {
                first.operator.signature = Signature64([0; 64]);
                d.history = vec![first];
            },
        ),
        case(
            "older-epoch-replayed",
            "A client that saw epoch 2 is shown epoch 1 again.",
            &["B6"],
            |d, first, log| {
                let second = d.signed.replace(first.clone()).unwrap();
                let bytes = json(&second);
                let history = [json(&first)];
                let documents =
                    BundleDocuments { signed: &bytes, history: &history, consistency: None };
                d.seen =
                    Some(verify_bundle(&documents, &trust_of_world(), None, NOW).unwrap().seen());
                d.consistency = Some(log.consistency(1));
            },
        ),
        case(
            "two-bundles-for-an-epoch",
            "A client that saw epoch 2 is shown another epoch 2.",
            &["B6"],
            |d, first, mut log| {
                let second = d.signed.take().unwrap();
                let (bytes, history) = (json(&second), [json(&first)]);
                let documents =
                    BundleDocuments { signed: &bytes, history: &history, consistency: None };
                d.seen =
                    Some(verify_bundle(&documents, &trust_of_world(), None, NOW).unwrap().seen());
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
        case(
            "another-past",
            "Epoch 2 names another epoch 1 than the one seen.",
            &["B6", "B8"],
            |d, first, log| {
                d.seen = Some(seen(&first));
                d.consistency = Some(log.consistency(1));
                let (mut bundle, mut log) = (d.signed.take().unwrap().bundle, MemoryLog::default());
                log.append(&leaf(&first));
                bundle.previous = Some(BundleId([9; 32]));
                d.signed = Some(log.publish(signed(bundle)));
                d.consistency = Some(log.consistency(1));
                d.history = vec![first];
            },
        ),
        renewed(
            "honest-renewal",
            "Epoch 2 has the keys and devices of epoch 1 and says so.",
            &[],
            |_, b| b.keys_since = Some(1),
        ),
        renewed(
            "keys-since-false",
            "Epoch 2 says that its keys are those of epoch 1, and a device has others.",
            &["B8"],
            |_, b| {
                b.keys_since = Some(1);
                b.sites[1].devices[0].oprf_key = point("another");
            },
        ),
        renewed(
            "keys-since-other-session-key",
            "Epoch 2 says that its keys are those of epoch 1, and a session key is another.",
            &["B8"],
            |_, b| {
                b.keys_since = Some(1);
                b.sites[1].devices[0].session_key = point("another");
            },
        ),
        renewed(
            "keys-since-other-policy",
            "Epoch 2 says that its keys are those of epoch 1, and has another policy for guesses.",
            &["B8"],
            |_, b| {
                b.keys_since = Some(1);
                b.policy = GuessPolicy::Strict;
            },
        ),
        renewed(
            "keys-since-the-future",
            "A bundle says that its keys date from its own epoch.",
            &["B0"],
            |_, b| b.keys_since = Some(2),
        ),
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
    let first = log.publish(SignedBundle {
        log_proof: String::new(),
        ..Document::of(&World::honest()).signed.unwrap()
    });
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
    let first = log.publish(SignedBundle {
        log_proof: String::new(),
        ..Document::of(&World::honest()).signed.unwrap()
    });
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
