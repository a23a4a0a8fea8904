//! Check E6: the logs show a ceremony and nothing else.

use super::dossier::{DeviceFiles, Dossier};
use crate::device_log::{Actor, Entry};
use crate::device_profile::{
    DEFAULT_AUTH_KEY, FACTORY_ATTESTATION_KEY, KeyRole, LEVEL_FIX, OPERATIONAL_AUTH_KEY,
    STATEMENT_AUTH_KEY, WRAP_KEY, changes_nothing, command,
};
use std::collections::BTreeMap;

/// Set Option: tag, length (2 bytes), value. The value is one byte for force-audit, two for each
/// command audited.
const OPTION_HEAD: u16 = 3;
const FORCE_AUDIT_LENGTH: u16 = OPTION_HEAD + 1;
const ONE_COMMAND_LENGTH: u16 = OPTION_HEAD + 2;

/// A step of the ceremony (spec/evidence.md section 1), in the order in which steps may occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Audits Set Option itself, so that the next steps are written down. Its own line may be
    /// missing: it is sent while Set Option is not audited yet.
    AuditSetOption,
    AuditCommands,
    ForceAudit,
    PutLogin(u16),
    Generate(KeyRole),
    PutWrapKey,
    Export,
    Import,
    Attest(KeyRole),
    DeleteWrapKey,
    DeleteDefaultLogin,
}

impl Step {
    /// Steps of one phase may be done in any order.
    fn phase(self) -> u8 {
        match self {
            Self::AuditSetOption => 1,
            Self::AuditCommands => 2,
            Self::ForceAudit => 3,
            Self::PutLogin(_) => 4,
            Self::Generate(KeyRole::Fleet) => 5,
            Self::Generate(_) => 4,
            Self::PutWrapKey => 6,
            Self::Export | Self::Import => 7,
            Self::Attest(_) => 8,
            Self::DeleteWrapKey => 9,
            Self::DeleteDefaultLogin => 10,
        }
    }
}

/// Check E6.
pub(super) fn check(dossier: &Dossier) -> Result<String, String> {
    let copies = dossier.devices.len().saturating_sub(1);
    for device in &dossier.devices {
        let first = device.serial == dossier.manifest.fleet_key_made_on;
        check_device(device, first, copies)
            .map_err(|why| format!("device {}: {why}", device.serial))?;
    }
    Ok(format!("the fleet key was copied {copies} times; wrap keys and default logins are deleted"))
}

fn check_device(device: &DeviceFiles, first: bool, copies: usize) -> Result<(), String> {
    let fixed = device.options.command_audit.iter().filter(|c| c.level == LEVEL_FIX).count();
    let mut counts: BTreeMap<Step, usize> = BTreeMap::new();
    let (mut phase, mut last) = (0, None);
    // The reset line is check E5's business.
    for entry in device.entries.iter().skip(1) {
        let describe =
            |why: &str| format!("line {}, command {:#04x}: {why}", entry.number, entry.command);
        check_actor(entry).map_err(|why| describe(&why))?;
        last = match entry.is_boot() || changes_nothing(entry.command) {
            true => None,
            false => Some(
                step(entry, fixed).ok_or_else(|| describe("it does not belong to the ceremony"))?,
            ),
        };
        let Some(step) = last else { continue };
        if step.phase() < phase {
            return Err(describe("it comes too late"));
        }
        phase = step.phase();
        *counts.entry(step).or_default() += 1;
    }
    check_counts(&counts, first, copies)?;
    match last {
        Some(Step::DeleteDefaultLogin) => Ok(()),
        _ => Err("its log goes on after the default login was deleted".into()),
    }
}

/// Power comes on, or the default login does something that works: nobody else has a part in a
/// ceremony, not even with a command that changes nothing.
fn check_actor(entry: &Entry) -> Result<(), String> {
    match entry.actor() {
        Actor::Device => Ok(()),
        Actor::Login(DEFAULT_AUTH_KEY) if entry.succeeded() => Ok(()),
        Actor::Login(DEFAULT_AUTH_KEY) => Err("it failed".into()),
        Actor::Login(login) => Err(format!("by login {login:#06x} instead of the default one")),
        Actor::Nobody => Err("outside of every session".into()),
    }
}

/// `fixed`: how many commands the settings say are audited for good.
fn step(entry: &Entry, fixed: usize) -> Option<Step> {
    match (entry.command, entry.target, entry.second) {
        (command::SET_OPTION, _, _) => option_step(entry.length, fixed),
        (command::PUT_AUTHENTICATION_KEY, id @ (OPERATIONAL_AUTH_KEY | STATEMENT_AUTH_KEY), _) => {
            Some(Step::PutLogin(id))
        }
        (command::GENERATE_ASYMMETRIC_KEY, id, _) => KeyRole::of(id).map(Step::Generate),
        (command::PUT_WRAP_KEY, WRAP_KEY, _) => Some(Step::PutWrapKey),
        (command::EXPORT_WRAPPED, WRAP_KEY, second) => fleet_key(second).then_some(Step::Export),
        (command::IMPORT_WRAPPED, WRAP_KEY, second) => fleet_key(second).then_some(Step::Import),
        (command::SIGN_ATTESTATION_CERTIFICATE, id, FACTORY_ATTESTATION_KEY) => {
            KeyRole::of(id).map(Step::Attest)
        }
        (command::DELETE_OBJECT, WRAP_KEY, _) => Some(Step::DeleteWrapKey),
        (command::DELETE_OBJECT, DEFAULT_AUTH_KEY, _) => Some(Step::DeleteDefaultLogin),
        _ => None,
    }
}

/// A line has no values, only the length of what was sent: it shows how many commands were set, and
/// must show as many as the settings claim, less Set Option, which was set before.
fn option_step(length: u16, fixed: usize) -> Option<Step> {
    let all_others = fixed.checked_sub(1).and_then(|others| u16::try_from(others * 2).ok())?;
    match length {
        FORCE_AUDIT_LENGTH => Some(Step::ForceAudit),
        ONE_COMMAND_LENGTH => Some(Step::AuditSetOption),
        _ if length.checked_sub(OPTION_HEAD) == Some(all_others) => Some(Step::AuditCommands),
        _ => None,
    }
}

fn fleet_key(id: u16) -> bool {
    KeyRole::of(id) == Some(KeyRole::Fleet)
}

/// Every step occurs as often as it must.
fn check_counts(counts: &BTreeMap<Step, usize>, first: bool, copies: usize) -> Result<(), String> {
    let count = |step: Step| counts.get(&step).copied().unwrap_or_default();
    let mut expected = vec![
        (Step::AuditCommands, 1),
        (Step::ForceAudit, 1),
        (Step::PutLogin(OPERATIONAL_AUTH_KEY), 1),
        (Step::PutLogin(STATEMENT_AUTH_KEY), 1),
        (Step::Generate(KeyRole::Oprf), 1),
        (Step::Generate(KeyRole::Seal), 1),
        (Step::Generate(KeyRole::Receipt), 1),
        (Step::Generate(KeyRole::Session), 1),
        (Step::PutWrapKey, 1),
        (Step::DeleteWrapKey, 1),
        (Step::DeleteDefaultLogin, 1),
    ];
    let (made, exported, imported) = if first { (1, copies, 0) } else { (0, 0, 1) };
    expected.extend([
        (Step::Generate(KeyRole::Fleet), made),
        (Step::Export, exported),
        (Step::Import, imported),
    ]);
    for (step, times) in expected {
        if count(step) != times {
            return Err(format!("{step:?} occurs {} times instead of {times}", count(step)));
        }
    }
    if count(Step::AuditSetOption) > 1 {
        return Err("auditing of single commands was set more than once".into());
    }
    match KeyRole::ALL.into_iter().find(|role| count(Step::Attest(*role)) == 0) {
        Some(role) => Err(format!("the {} key was never attested", role.name())),
        None => Ok(()),
    }
}
