//! How far a device has come, read from its own audit log: the log, not a note of ours, decides what was done.

use crate::hsm::objects::{
    FLEET_KEY, OPERATIONAL_AUTH_KEY, OPRF_KEY, RECEIPT_KEY, SEAL_KEY, STATEMENT_AUTH_KEY, WRAP_KEY,
};
use crate::hsm::{LogEntry, auth_key::DEFAULT_AUTH_KEY_ID};
use fleet_evidence::rules::command;

/// An audited step of the ceremony on one device (spec/evidence.md section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
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
pub enum Role {
    /// Generates the fleet key and exports it this often.
    First {
        exports: usize,
    },
    Other,
}

/// The steps that a device's log shows as done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress(Vec<Step>);

impl Progress {
    /// Reads a log from its reset line.
    ///
    /// # Errors
    /// A sentence, if the log shows anything that a ceremony does not do, a step too often, or a step that failed: then
    /// the device has to start over.
    pub fn read(entries: &[LogEntry], role: Role) -> Result<Self, String> {
        let mut done = vec![];
        match entries.split_first() {
            Some((first, rest)) if first.is_reset() => {
                for entry in rest.iter().filter(|e| !changes_nothing(e.command())) {
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

    pub fn has(&self, step: Step) -> bool {
        self.count(step) > 0
    }

    pub fn count(&self, step: Step) -> usize {
        self.0.iter().filter(|s| **s == step).count()
    }

    /// Cloning has begun on this device and is not over.
    pub fn is_cloning(&self, role: Role) -> bool {
        let over = match role {
            Role::First { exports } => self.count(Step::ExportFleetKey) == exports,
            Role::Other => self.has(Step::ImportFleetKey),
        };
        self.has(Step::PutWrapKey) && !over
    }
}

/// How often a step belongs into a device's log.
pub fn allowed(step: Step, role: Role) -> usize {
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

/// Boot, echo, sessions, and whatever only reads (spec/evidence.md section 1).
fn changes_nothing(command: u8) -> bool {
    matches!(
        command,
        0x00 | 0x01 | 0x03 | 0x04 | 0x40 | 0x06 | 0x0a | 0x41 | 0x48 | 0x4d | 0x4e | 0x50 | 0x54 | 0x51 | 0x67 | 0x6b
    )
}

/// The step that an entry records; `None` for options, which may be set any number of times.
fn step_of(entry: &LogEntry) -> Result<Option<Step>, String> {
    let line =
        || format!("line {} (command 0x{:02x}, target 0x{:04x})", entry.number(), entry.command(), entry.target());
    if entry.result() != entry.command() | 0x80 {
        return Err(format!("{} failed with error 0x{:02x}", line(), entry.result()));
    }
    let step = match (entry.command(), entry.target()) {
        (command::SET_OPTION, _) => return Ok(None),
        (command::PUT_AUTHENTICATION_KEY, id @ (OPERATIONAL_AUTH_KEY | STATEMENT_AUTH_KEY)) => Step::PutLogin(id),
        (command::GENERATE_ASYMMETRIC_KEY, id @ (OPRF_KEY | SEAL_KEY | FLEET_KEY | RECEIPT_KEY)) => {
            Step::GenerateKey(id)
        }
        (command::PUT_WRAP_KEY, WRAP_KEY) => Step::PutWrapKey,
        (command::EXPORT_WRAPPED, WRAP_KEY) => Step::ExportFleetKey,
        (command::IMPORT_WRAPPED, WRAP_KEY) => Step::ImportFleetKey,
        (command::SIGN_ATTESTATION_CERTIFICATE, id @ (OPRF_KEY | SEAL_KEY | FLEET_KEY | RECEIPT_KEY)) => {
            Step::Attest(id)
        }
        (command::DELETE_OBJECT, WRAP_KEY) => Step::DeleteWrapKey,
        (command::DELETE_OBJECT, DEFAULT_AUTH_KEY_ID) => Step::DeleteDefaultLogin,
        _ => return Err(format!("{} is no part of a ceremony", line())),
    };
    Ok(Some(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Role = Role::First { exports: 2 };

    fn line(command: u8, target: u16, result: u8) -> LogEntry {
        let mut bytes = [0; 32];
        bytes[1] = 9;
        bytes[2] = command;
        bytes[7..9].copy_from_slice(&target.to_be_bytes());
        bytes[11] = result;
        LogEntry(bytes)
    }

    fn done(command: u8, target: u16) -> LogEntry {
        line(command, target, command | 0x80)
    }

    fn reset() -> LogEntry {
        let mut bytes = [0xff; 32];
        bytes[..2].copy_from_slice(&[0, 1]);
        LogEntry(bytes)
    }

    #[test]
    fn the_log_tells_what_was_done() {
        let log =
            [reset(), line(0, 0, 0), done(0x4f, 0xffff), done(0x44, 0x0201), done(0x46, 0x0101), done(0x4c, 0x0301)];
        let progress = Progress::read(&log, Role::Other).unwrap();
        assert!(progress.has(Step::PutLogin(OPERATIONAL_AUTH_KEY)) && progress.has(Step::GenerateKey(OPRF_KEY)));
        assert!(!progress.has(Step::PutLogin(STATEMENT_AUTH_KEY)));
        assert!(progress.is_cloning(Role::Other));
    }

    #[test]
    fn cloning_is_over_after_the_last_export_or_the_import() {
        let read = |log: &[LogEntry], role| Progress::read(log, role).unwrap().is_cloning(role);
        let export = done(0x4a, WRAP_KEY);
        assert!(read(&[reset(), done(0x4c, WRAP_KEY), export], FIRST));
        assert!(!read(&[reset(), done(0x4c, WRAP_KEY), export, export], FIRST));
        assert!(!read(&[reset(), done(0x4c, WRAP_KEY), done(0x4b, WRAP_KEY)], Role::Other));
        assert!(!read(&[reset()], FIRST));
    }

    #[test]
    fn anything_else_means_starting_over() {
        let wrong: [(&str, &[LogEntry], Role); 7] = [
            ("does not begin", &[done(0x46, 0x0101)], FIRST),
            ("no part", &[reset(), done(0x57, 0x0101)], FIRST),
            ("no part", &[reset(), done(0x44, 0x0999)], FIRST),
            ("2 times", &[reset(), done(0x46, 0x0101), done(0x46, 0x0101)], FIRST),
            ("1 times", &[reset(), done(0x46, FLEET_KEY)], Role::Other),
            ("3 times", &[reset(), done(0x4a, WRAP_KEY), done(0x4a, WRAP_KEY), done(0x4a, WRAP_KEY)], FIRST),
            ("failed with error 0x0b", &[reset(), line(0x58, WRAP_KEY, 0x0b)], FIRST),
        ];
        for (expected, log, role) in wrong {
            let refusal = Progress::read(log, role).unwrap_err();
            assert!(refusal.contains(expected), "{refusal:?} should mention {expected:?}");
        }
    }
}
