use super::Case;
use super::makers::{device, lines, world};
use crate::support::devices::Line;
use fleet_evidence::device_profile::{self, command};
use fleet_evidence::folder::*;

pub(super) fn cases() -> Vec<Case> {
    let entries = |name, about, refused_by: &[&'static str], change: fn(&mut Vec<[u8; 32]>)| {
        world(name, about, refused_by, |w| {
            let mut log = w.devices[1].log();
            change(&mut log.entries);
            w.overrides.insert("devices/1002/audit-log.json".into(), canonical(&log));
        })
    };
    let lines = |name, about, change: fn(&mut Vec<Line>)| lines(name, about, &["E6"], change);
    let first = |name, about, change: fn(&mut Vec<Line>)| {
        world(name, about, &["E6"], |w| change(&mut w.devices[0].lines))
    };
    vec![
        world(
            "truncated-log",
            "The last lines of a log are cut; the device confirmed the whole.",
            &["E6", "E13"],
            |w| {
                let d = &mut w.devices[1];
                let (whole, challenge) = (d.head(), d.challenge);
                d.lines.truncate(d.lines.len() - 2);
                let bundle = w.evidence().0.id();
                w.statement_inputs.insert(1002, (challenge, whole, bundle));
            },
        ),
        entries("log-without-beginning", "The reset line is cut.", &["E5", "E12"], |e| {
            e.remove(0);
        }),
        entries("log-line-removed", "A line in the middle is cut.", &["E5"], |e| {
            e.remove(1);
        }),
        entries("log-line-changed", "A line is changed.", &["E5"], |e| e[1][15] ^= 1),
        entries("log-empty", "There is no log.", &["E5", "E6", "E12", "E13"], Vec::clear),
        device(
            "unlogged-boot",
            "The device counts a boot that it could not record.",
            &["E5"],
            |d| d.unlogged = (1, 0),
        ),
        device(
            "unlogged-authentication",
            "The device counts a login that it could not record.",
            &["E5"],
            |d| d.unlogged = (0, 3),
        ),
        lines("extra-login-put", "A third login is made.", |l| {
            l.insert(3, Line::of(command::PUT_AUTHENTICATION_KEY, 0x0203, 0xffff))
        }),
        lines("login-replaced", "A login's key is changed after the ceremony's own.", |l| {
            l.push(Line::of(command::CHANGE_AUTHENTICATION_KEY, 0x0201, 0xffff))
        }),
        lines("key-put", "A key is put in from outside.", |l| {
            l.insert(5, Line::of(command::PUT_ASYMMETRIC_KEY, 0x0101, 0xffff))
        }),
        lines("key-used-in-ceremony", "A key is used during the ceremony.", |l| {
            l.insert(9, Line::of(command::DERIVE_ECDH, 0x0101, 0xffff))
        }),
        lines("wrap-key-kept", "The wrap key is not deleted.", |l| {
            l.retain(|l| {
                (l.command, l.target) != (command::DELETE_OBJECT, device_profile::WRAP_KEY)
            })
        }),
        lines("default-login-kept-in-log", "The default login is not deleted.", |l| {
            l.retain(|l| {
                (l.command, l.target) != (command::DELETE_OBJECT, device_profile::DEFAULT_AUTH_KEY)
            })
        }),
        lines("wrap-key-put-again", "A second wrap key comes after the first is deleted.", |l| {
            l.push(Line::of(command::PUT_WRAP_KEY, device_profile::WRAP_KEY, 0xffff))
        }),
        lines("failed-command", "A command failed and was tried again.", |l| {
            let mut failed = l[3];
            failed.ok = false;
            l.insert(3, failed);
        }),
        lines("another-login-acts", "A step is done by another login than the default one.", |l| {
            l[4].session = 0x0201
        }),
        lines("attested-before-made", "A key is attested before it is made.", |l| {
            l.insert(3, Line::of(command::SIGN_ATTESTATION_CERTIFICATE, 0x0101, 0))
        }),
        lines("attested-by-own-key", "A key is attested by a key of the host's choice.", |l| {
            l.push(Line::of(command::SIGN_ATTESTATION_CERTIFICATE, 0x0101, 0x0150))
        }),
        first(
            "one-export-too-many",
            "The fleet key is exported once more than there are other devices.",
            |l| {
                let at = l.iter().position(|l| l.command == command::EXPORT_WRAPPED).unwrap();
                l.insert(at, l[at]);
            },
        ),
        first(
            "export-under-another-wrap-key",
            "The fleet key is exported under a second wrap key.",
            |l| {
                let at = l.iter().position(|l| l.command == command::EXPORT_WRAPPED).unwrap();
                l[at].target = 0x0302;
            },
        ),
        first("second-wrap-key", "A second wrap key is put.", |l| {
            let at = l.iter().position(|l| l.command == command::PUT_WRAP_KEY).unwrap();
            l.insert(at, Line::of(command::PUT_WRAP_KEY, 0x0302, 0xffff));
        }),
        first("oprf-key-exported", "An oprf key is exported.", |l| {
            let at = l.iter().position(|l| l.command == command::EXPORT_WRAPPED).unwrap();
            l[at].second = 0x0101;
        }),
    ]
}
