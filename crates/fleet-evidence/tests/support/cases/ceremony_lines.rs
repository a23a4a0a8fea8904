//! Who did what in a ceremony, and when: the log alone must show it.

use super::Case;
use super::makers::{lines, world};
use crate::support::devices::Line;
use crate::support::world::World;
use fleet_evidence::device_profile::{KeyRole, command};
use fleet_evidence::folder::{AuditLog, canonical};

/// A login that nobody declared.
const STRANGER: u16 = 0x0999;

pub(super) fn cases() -> Vec<Case> {
    let mut out = accepted();
    out.extend(recording());
    out.extend(strangers());
    out.extend(attestations());
    out
}

fn refused(name: &'static str, about: &'static str, change: impl Fn(&mut Vec<Line>)) -> Case {
    lines(name, about, &["E6"], change)
}

fn by(session: u16, line: Line) -> Line {
    Line { session, ..line }
}

/// A login is asked for: there is no session yet.
fn opening(login: u16, ok: bool) -> Vec<Line> {
    let ask = |command, length, ok| Line {
        session: 0xffff,
        ok,
        length,
        ..Line::of(command, login, 0xffff)
    };
    vec![ask(command::CREATE_SESSION, 10, true), ask(command::AUTHENTICATE_SESSION, 17, ok)]
}

fn at(lines: &[Line], command: u8) -> usize {
    lines.iter().position(|l| l.command == command).unwrap()
}

fn accepted() -> Vec<Case> {
    let accepted = |name, about, change: fn(&mut Vec<Line>)| lines(name, about, &[], change);
    vec![
        accepted(
            "honest-silent-first-option",
            "A device does not record the command that makes it record.",
            |l| {
                l.remove(0);
            },
        ),
        accepted(
            "honest-restart",
            "A device was without power for a moment during its ceremony.",
            |l| l.insert(7, Line::boot()),
        ),
        accepted(
            "honest-reading-lines",
            "A device records sessions and reading too, all by the default login.",
            |l| {
                let read = Line::of(0x4d, 0xffff, 0xffff);
                l.splice(5..5, [opening(1, true), vec![read]].concat());
            },
        ),
    ]
}

fn recording() -> Vec<Case> {
    vec![
        refused(
            "recording-never-set",
            "The settings say FIX, and no line shows that they were ever set.",
            |l| l.retain(|l| l.command != command::SET_OPTION),
        ),
        refused(
            "command-audit-never-set",
            "No line shows that recording of the commands was set.",
            |l| {
                l.remove(1);
            },
        ),
        refused("force-audit-never-set", "No line shows that recording was forced.", |l| {
            l.remove(2);
        }),
        refused(
            "command-audit-set-for-fewer",
            "Fewer commands were set than the settings claim.",
            |l| l[1].length -= 2,
        ),
        refused(
            "command-audit-set-one-by-one",
            "Recording of a second single command was set.",
            |l| l.insert(1, Line::option(2)),
        ),
        refused(
            "recording-set-after-the-keys",
            "Recording was set when the keys existed already.",
            |l| {
                let options: Vec<Line> = l.drain(..3).collect();
                let end = at(l, command::PUT_WRAP_KEY);
                l.splice(end..end, options);
            },
        ),
        refused(
            "recording-forced-before-commands",
            "Recording was forced before there was anything to record.",
            |l| l.swap(1, 2),
        ),
        refused("option-set-again", "A setting is changed after recording was fixed.", |l| {
            l.insert(6, Line::option(1))
        }),
        refused(
            "recording-set-by-a-stranger",
            "A login that nobody declared sets what is recorded.",
            |l| l[1].session = STRANGER,
        ),
        refused("recording-not-set-after-all", "The device refused the setting.", |l| {
            l[2].ok = false
        }),
    ]
}

fn strangers() -> Vec<Case> {
    vec![
        refused(
            "stranger-opens-a-session",
            "A login that nobody declared opens a session, and does nothing.",
            |l| {
                l.splice(5..5, opening(STRANGER, true));
            },
        ),
        refused(
            "stranger-fails-to-open",
            "A login that nobody declared is tried with a wrong key.",
            |l| {
                l.splice(5..5, opening(STRANGER, false));
            },
        ),
        refused(
            "site-login-opens-a-session",
            "A site's login is used before the ceremony is over.",
            |l| {
                l.splice(6..6, opening(0x0201, true));
            },
        ),
        refused("stranger-reads", "A login that nobody declared reads the log.", |l| {
            l.insert(5, by(STRANGER, Line::of(0x4d, 0xffff, 0xffff)))
        }),
        refused(
            "stranger-puts-a-login",
            "A site's login is put by one that nobody declared.",
            |l| l[3].session = STRANGER,
        ),
        refused("key-used-outside-a-session", "A key is used, and the line names no login.", |l| {
            l.insert(9, by(0xffff, Line::of(command::DERIVE_ECDH, 0x0101, 0xffff)))
        }),
        refused("boot-by-a-login", "The line of a restart names a login.", |l| {
            l.insert(5, by(STRANGER, Line::boot()))
        }),
        refused("log-goes-on", "The log goes on after the default login was deleted.", |l| {
            l.push(by(0x0201, Line::of(0x4d, 0xffff, 0xffff)))
        }),
        refused(
            "restart-after-the-end",
            "The published log goes on with a restart, after the last step.",
            |l| l.push(Line::boot()),
        ),
        refused(
            "default-login-goes-on",
            "The default login reads the log after its deletion.",
            |l| l.push(Line::of(0x4d, 0xffff, 0xffff)),
        ),
        second_reset(),
    ]
}

/// The rest of the log is chained anew behind the second reset line, as a device would.
fn second_reset() -> Case {
    let about = "A second reset line, and everything after it as if nothing had been.";
    world("second-reset", about, &["E5", "E6"], |w: &mut World| {
        let mut log: AuditLog = w.devices[1].log();
        let mut reset = log.entries[0];
        reset[31] ^= 1;
        log.entries.insert(6, reset);
        w.overrides.insert("devices/1002/audit-log.json".into(), canonical(&log));
    })
}

fn attestations() -> Vec<Case> {
    let attest = || Line::of(command::SIGN_ATTESTATION_CERTIFICATE, KeyRole::Oprf.id(), 0);
    vec![
        refused(
            "attested-by-a-stranger",
            "A key is attested by a login that nobody declared.",
            |l| {
                let first = at(l, command::SIGN_ATTESTATION_CERTIFICATE);
                l[first].session = STRANGER;
            },
        ),
        refused(
            "attested-by-the-statement-login",
            "A fleet's key is attested by the statement login.",
            |l| {
                let first = at(l, command::SIGN_ATTESTATION_CERTIFICATE);
                l.insert(first, by(0x0202, attest()));
            },
        ),
        refused(
            "attested-before-the-copies",
            "A key is attested before the fleet key was copied.",
            |l| {
                let wrap = at(l, command::PUT_WRAP_KEY);
                l.insert(wrap, attest());
            },
        ),
        refused(
            "attested-after-the-wrap-key",
            "A key is attested after the wrap key was deleted.",
            |l| l.insert(l.len() - 1, attest()),
        ),
        refused(
            "attested-after-the-end",
            "A key is attested after the default login was deleted.",
            |l| l.push(attest()),
        ),
        refused(
            "another-object-attested",
            "The ceremony attests an object that it did not make.",
            |l| {
                let first = at(l, command::SIGN_ATTESTATION_CERTIFICATE);
                l.insert(first, Line { target: 0x0150, ..attest() });
            },
        ),
    ]
}
