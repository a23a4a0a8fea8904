//! How far a device has come, read from its own audit log: the log, not a note of ours, decides
//! what was done.

use fleet_evidence::device_log::{Actor, Entry};
use fleet_evidence::device_profile::{
    DEFAULT_AUTH_KEY, FLEET_KEY, OPERATIONAL_AUTH_KEY, STATEMENT_AUTH_KEY, WRAP_KEY,
};
use fleet_evidence::device_profile::{changes_nothing, command};
use yubihsm_device::objects::KEYS;

/// An audited step of the ceremony on one device (spec/evidence.md section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    PutLogin(u16),
    GenerateKey(u16),
    PutWrapKey,
    /// First device only, once for every other device.
    ExportFleetKey,
    /// Other devices only.
    ImportFleetKey,
    Attest(u16),
    DeleteWrapKey,
    DeleteDefaultLogin,
}

/// Which part a device has in the cloning of the fleet key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Generates the fleet key and exports it this often.
    First {
        exports: usize,
    },
    Other,
}

/// The steps that a device's log shows as done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress(Vec<Step>);

impl Progress {
    /// Reads a log from its reset line.
    ///
    /// # Errors
    /// A sentence, if the log shows anything that a ceremony does not do, a step too often, or a
    /// step that failed: then the device has to start over.
    pub(super) fn read(entries: &[Entry], role: Role) -> Result<Self, String> {
        let mut done = vec![];
        match entries.split_first() {
            Some((first, rest)) if first.is_reset() => {
                rest.iter().try_for_each(check_actor)?;
                for entry in rest.iter().filter(|e| !e.is_boot() && !changes_nothing(e.command)) {
                    let step = step_of(entry)?;
                    if let Some(step) = step {
                        done.push(step);
                        within(&done, step, role)?;
                    }
                }
                Ok(Self(done))
            }
            _ => Err("the log does not begin with a factory reset".into()),
        }
    }

    pub(super) fn has(&self, step: Step) -> bool {
        self.count(step) > 0
    }

    pub(super) fn count(&self, step: Step) -> usize {
        self.0.iter().filter(|s| **s == step).count()
    }

    /// Cloning has begun on this device and is not over.
    pub(super) fn is_cloning(&self, role: Role) -> bool {
        let over = match role {
            Role::First { exports } => self.count(Step::ExportFleetKey) == exports,
            Role::Other => self.has(Step::ImportFleetKey),
        };
        self.has(Step::PutWrapKey) && !over
    }
}

/// How often a step belongs into a device's log.
pub(super) fn allowed(step: Step, role: Role) -> usize {
    match (step, role) {
        (Step::ExportFleetKey, Role::First { exports }) => exports,
        (Step::GenerateKey(FLEET_KEY), Role::Other)
        | (Step::ExportFleetKey, Role::Other)
        | (Step::ImportFleetKey, Role::First { .. }) => 0,
        (Step::Attest(_), _) => usize::MAX,
        _ => 1,
    }
}

fn within(done: &[Step], step: Step, role: Role) -> Result<(), String> {
    let count = done.iter().filter(|s| **s == step).count();
    match count <= allowed(step, role) {
        true => Ok(()),
        false => Err(format!("the log shows {step:?} {count} times")),
    }
}

/// Only the default login acts in a ceremony; verifiers refuse anybody else's line, even one that
/// changes nothing.
fn check_actor(entry: &Entry) -> Result<(), String> {
    match entry.actor() {
        Actor::Device | Actor::Login(DEFAULT_AUTH_KEY) => Ok(()),
        Actor::Login(login) => Err(format!("line {} is of login 0x{login:04x}", entry.number)),
        Actor::Nobody => Err(format!("line {} is outside of every session", entry.number)),
    }
}

/// The step that an entry records; `None` for options, whose settings the device tells itself.
fn step_of(entry: &Entry) -> Result<Option<Step>, String> {
    let line = || {
        format!(
            "line {} (command 0x{:02x}, target 0x{:04x})",
            entry.number, entry.command, entry.target
        )
    };
    if !entry.succeeded() {
        return Err(format!("{} failed with error 0x{:02x}", line(), entry.result));
    }
    let step = match (entry.command, entry.target) {
        (command::SET_OPTION, _) => return Ok(None),
        (command::PUT_AUTHENTICATION_KEY, id @ (OPERATIONAL_AUTH_KEY | STATEMENT_AUTH_KEY)) => {
            Step::PutLogin(id)
        }
        (command::GENERATE_ASYMMETRIC_KEY, id) if is_key(id) => Step::GenerateKey(id),
        (command::PUT_WRAP_KEY, WRAP_KEY) => Step::PutWrapKey,
        (command::EXPORT_WRAPPED, WRAP_KEY) => Step::ExportFleetKey,
        (command::IMPORT_WRAPPED, WRAP_KEY) => Step::ImportFleetKey,
        (command::SIGN_ATTESTATION_CERTIFICATE, id) if is_key(id) => Step::Attest(id),
        (command::DELETE_OBJECT, WRAP_KEY) => Step::DeleteWrapKey,
        (command::DELETE_OBJECT, DEFAULT_AUTH_KEY) => Step::DeleteDefaultLogin,
        _ => return Err(format!("{} is no part of a ceremony", line())),
    };
    Ok(Some(step))
}

fn is_key(id: u16) -> bool {
    KEYS.iter().any(|key| key.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_evidence::device_profile::OPRF_KEY;

    const FIRST: Role = Role::First { exports: 2 };

    fn line(command: u8, target: u16, result: u8) -> Entry {
        by(1, command, target, result)
    }

    fn by(login: u16, command: u8, target: u16, result: u8) -> Entry {
        let mut bytes = [0; 32];
        bytes[1] = 9;
        bytes[2] = command;
        bytes[5..7].copy_from_slice(&login.to_be_bytes());
        bytes[7..9].copy_from_slice(&target.to_be_bytes());
        bytes[11] = result;
        Entry::read(&bytes)
    }

    fn done(command: u8, target: u16) -> Entry {
        line(command, target, command | 0x80)
    }

    fn reset() -> Entry {
        let mut bytes = [0xff; 32];
        bytes[..2].copy_from_slice(&[0, 1]);
        Entry::read(&bytes)
    }

    #[test]
    fn the_log_tells_what_was_done() {
        let log = [
            reset(),
            by(0xffff, 0, 0, 0),
            done(0x4f, 0xffff),
            done(0x44, 0x0201),
            done(0x46, 0x0101),
            done(0x4c, 0x0301),
        ];
        let progress = Progress::read(&log, Role::Other).unwrap();
        assert!(
            progress.has(Step::PutLogin(OPERATIONAL_AUTH_KEY))
                && progress.has(Step::GenerateKey(OPRF_KEY))
        );
        assert!(!progress.has(Step::PutLogin(STATEMENT_AUTH_KEY)));
        assert!(progress.is_cloning(Role::Other));
    }

    #[test]
    fn cloning_is_over_after_the_last_export_or_the_import() {
        let read = |log: &[Entry], role| Progress::read(log, role).unwrap().is_cloning(role);
        let export = done(0x4a, WRAP_KEY);
        assert!(read(&[reset(), done(0x4c, WRAP_KEY), export], FIRST));
        assert!(!read(&[reset(), done(0x4c, WRAP_KEY), export, export], FIRST));
        assert!(!read(&[reset(), done(0x4c, WRAP_KEY), done(0x4b, WRAP_KEY)], Role::Other));
        assert!(!read(&[reset()], FIRST));
    }

    #[test]
    fn anything_else_means_starting_over() {
        let wrong: [(&str, &[Entry], Role); 10] = [
            ("of login 0x0999", &[reset(), by(0x0999, 0x46, 0x0101, 0xc6)], FIRST),
            ("of login 0x0999", &[reset(), by(0xffff, 0x04, 0x0999, 0x84)], FIRST),
            ("outside of every session", &[reset(), by(0xffff, 0x57, 0x0101, 0xd7)], FIRST),
            ("does not begin", &[done(0x46, 0x0101)], FIRST),
            ("no part", &[reset(), done(0x57, 0x0101)], FIRST),
            ("no part", &[reset(), done(0x44, 0x0999)], FIRST),
            ("2 times", &[reset(), done(0x46, 0x0101), done(0x46, 0x0101)], FIRST),
            ("1 times", &[reset(), done(0x46, FLEET_KEY)], Role::Other),
            (
                "3 times",
                &[reset(), done(0x4a, WRAP_KEY), done(0x4a, WRAP_KEY), done(0x4a, WRAP_KEY)],
                FIRST,
            ),
            ("failed with error 0x0b", &[reset(), line(0x58, WRAP_KEY, 0x0b)], FIRST),
        ];
        for (expected, log, role) in wrong {
            let refusal = Progress::read(log, role).unwrap_err();
            assert!(refusal.contains(expected), "{refusal:?} should mention {expected:?}");
        }
    }
}
