use super::Case;
use super::makers::{tampered, world};
use crate::support::world::World;
use crate::support::*;
use fleet_evidence::folder::*;

pub(super) fn cases() -> Vec<Case> {
    let mut out = anchors();
    out.extend(statements());
    out
}

fn anchors() -> Vec<Case> {
    let noted = |name,
                 about,
                 refused_by: &[&'static str],
                 change: fn(&mut AnchorRecord),
                 key: &'static str| {
        world(name, about, refused_by, |w| {
            let mut anchors = w.sign_anchors();
            change(&mut anchors.record);
            anchors.signature =
                Signature64(ed25519(key).sign(&anchors.record.message()).to_bytes());
            w.anchors = Some(anchors);
        })
    };
    vec![
        world(
            "another-anchor",
            "A whole log was made up: its chain is right, its beginning is not the one noted.",
            &["E12"],
            |w| {
                w.anchors = Some(w.sign_anchors());
                w.devices[1].anchor = devices::digest16("made up");
            },
        ),
        noted(
            "anchors-not-by-the-auditor",
            "The operator wrote the anchors itself.",
            &["E12"],
            |_| {},
            "operator",
        ),
        noted(
            "anchor-missing",
            "The auditor noted nothing about a device.",
            &["E12", "E13"],
            |r| r.devices.retain(|d| d.serial != 1002),
            "auditor",
        ),
        noted(
            "anchor-twice",
            "Two notes about one device.",
            &["E12", "E13"],
            |r| r.devices.push(r.devices[1].clone()),
            "auditor",
        ),
        noted(
            "anchors-of-another-namespace",
            "The notes are of another namespace.",
            &["E12"],
            |r| r.namespace = "other".into(),
            "auditor",
        ),
    ]
}

fn statements() -> Vec<Case> {
    let inputs = |name, about, change: fn(&mut ([u8; 32], Head, BundleId))| {
        world(name, about, &["E13"], |w| {
            let mut inputs = (w.devices[1].challenge, w.devices[1].head(), w.evidence().0.id());
            change(&mut inputs);
            w.statement_inputs.insert(1002, inputs);
        })
    };
    let listed = |name, about, change: fn(&mut Vec<DeviceStatement>)| {
        tampered(name, about, &["E13"], |f| {
            let mut list: Statements = serde_json::from_slice(&f[STATEMENTS]).unwrap();
            change(&mut list.statements);
            f.insert(STATEMENTS.into(), canonical(&list));
        })
    };
    vec![
        inputs(
            "statement-for-another-nonce",
            "A device's statement answers another challenge.",
            |i| i.0 = [7; 32],
        ),
        inputs(
            "statement-for-another-head",
            "A device's statement confirms another end of its log.",
            |i| i.1.digest = [7; 16],
        ),
        inputs(
            "statement-for-another-number",
            "A device's statement confirms another line number.",
            |i| i.1.number += 1,
        ),
        inputs(
            "statement-for-another-bundle",
            "A device's statement confirms another bundle.",
            |i| i.2 = BundleId([7; 32]),
        ),
        world(
            "statement-by-another-device",
            "Device 1001 makes the statement of device 1002.",
            &["E13"],
            |w| {
                w.statement_signer.insert(1002, 1001);
            },
        ),
        world(
            "statement-under-another-id",
            "A throw-away key has another id than every site uses.",
            &["E13"],
            |w| {
                w.statement_ids.insert(1002, 0x0402);
            },
        ),
        listed("statement-missing", "A device made no statement.", |s| drop(s.remove(1))),
        listed("statement-twice", "A device made two statements.", |s| s.push(s[1].clone())),
        listed(
            "statement-of-another-purpose",
            "A live answer poses as the ceremony's statement.",
            |s| s[1].purpose = Purpose::Live,
        ),
        listed(
            "statement-is-a-key-attestation",
            "The attestation of a fleet's key poses as a statement.",
            |s| {
                let (_, files) = World::honest().evidence();
                s[1].certificate =
                    String::from_utf8(files["devices/1002/attestation-0101.pem"].clone()).unwrap();
            },
        ),
    ]
}
