use super::audit_log::Entry;
use super::dossier::{DeviceFiles, Dossier};
use crate::rules::{
    DEFAULT_AUTH_KEY, FACTORY_ATTESTATION_KEY, KeyRole, OPERATIONAL_AUTH_KEY, STATEMENT_AUTH_KEY, WRAP_KEY, command,
};
use std::collections::BTreeMap;

/// Commands that change nothing: boot, echo, sessions, information, random, log index, blink.
const HARMLESS: [u8; 16] =
    [0x00, 0x01, 0x03, 0x04, 0x06, 0x0a, 0x40, 0x41, 0x48, 0x4d, 0x4e, 0x50, 0x51, 0x54, 0x67, 0x6b];

/// A step of the ceremony (spec/evidence.md section 1), in the order in which steps may occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    SetOption,
    PutLogin(u16),
    Generate(KeyRole),
    PutWrapKey,
    Export,
    Import,
    DeleteWrapKey,
    DeleteDefaultLogin,
    Attest(KeyRole),
}

impl Step {
    /// Steps of one phase may be done in any order; attestations have none.
    fn phase(self) -> u8 {
        match self {
            Self::SetOption => 1,
            Self::PutLogin(_) => 2,
            Self::Generate(KeyRole::Fleet) => 3,
            Self::Generate(_) => 2,
            Self::PutWrapKey => 4,
            Self::Export | Self::Import => 5,
            Self::DeleteWrapKey => 6,
            Self::DeleteDefaultLogin => 7,
            Self::Attest(_) => 0,
        }
    }
}

/// Check E6.
pub fn check(dossier: &Dossier) -> Result<String, String> {
    let copies = dossier.devices.len().saturating_sub(1);
    for device in &dossier.devices {
        let first = device.serial == dossier.manifest.fleet_key_made_on;
        check_device(device, first, copies).map_err(|why| format!("device {}: {why}", device.serial))?;
    }
    Ok(format!("the fleet key was copied {copies} times; wrap keys and default logins are deleted"))
}

fn check_device(device: &DeviceFiles, first: bool, copies: usize) -> Result<(), String> {
    let mut counts: BTreeMap<Step, usize> = BTreeMap::new();
    let mut phase = 0;
    // The reset line is check E5's business.
    for entry in device.entries.iter().skip(1).filter(|e| !HARMLESS.contains(&e.command)) {
        let describe = |why: &str| format!("line {}, command {:#04x}: {why}", entry.number, entry.command);
        let step = step(entry).ok_or_else(|| describe("it does not belong to the ceremony"))?;
        if !entry.succeeded() {
            return Err(describe("it failed"));
        }
        match step {
            Step::Attest(role) => check_exists(role, &counts, first).map_err(|why| describe(&why))?,
            _ if entry.session_key != DEFAULT_AUTH_KEY => {
                return Err(describe("by another login than the default one"));
            }
            _ if step.phase() < phase => return Err(describe("it comes too late")),
            _ => phase = step.phase(),
        }
        *counts.entry(step).or_default() += 1;
    }
    check_counts(&counts, first, copies)
}

fn step(entry: &Entry) -> Option<Step> {
    match (entry.command, entry.target, entry.second) {
        (command::SET_OPTION, _, _) => Some(Step::SetOption),
        (command::PUT_AUTHENTICATION_KEY, id @ (OPERATIONAL_AUTH_KEY | STATEMENT_AUTH_KEY), _) => {
            Some(Step::PutLogin(id))
        }
        (command::GENERATE_ASYMMETRIC_KEY, id, _) => KeyRole::of(id).map(Step::Generate),
        (command::PUT_WRAP_KEY, WRAP_KEY, _) => Some(Step::PutWrapKey),
        (command::EXPORT_WRAPPED, WRAP_KEY, second) => fleet_key(second).then_some(Step::Export),
        (command::IMPORT_WRAPPED, WRAP_KEY, second) => fleet_key(second).then_some(Step::Import),
        (command::DELETE_OBJECT, WRAP_KEY, _) => Some(Step::DeleteWrapKey),
        (command::DELETE_OBJECT, DEFAULT_AUTH_KEY, _) => Some(Step::DeleteDefaultLogin),
        (command::SIGN_ATTESTATION_CERTIFICATE, id, FACTORY_ATTESTATION_KEY) => KeyRole::of(id).map(Step::Attest),
        _ => None,
    }
}

fn fleet_key(id: u16) -> bool {
    KeyRole::of(id) == Some(KeyRole::Fleet)
}

fn check_exists(role: KeyRole, counts: &BTreeMap<Step, usize>, first: bool) -> Result<(), String> {
    let made = if role == KeyRole::Fleet && !first { Step::Import } else { Step::Generate(role) };
    if counts.contains_key(&made) { Ok(()) } else { Err("it attests a key that was not made yet".into()) }
}

/// Every step occurs as often as it must.
fn check_counts(counts: &BTreeMap<Step, usize>, first: bool, copies: usize) -> Result<(), String> {
    let count = |step: Step| counts.get(&step).copied().unwrap_or_default();
    let mut expected = vec![
        (Step::PutLogin(OPERATIONAL_AUTH_KEY), 1),
        (Step::PutLogin(STATEMENT_AUTH_KEY), 1),
        (Step::Generate(KeyRole::Oprf), 1),
        (Step::Generate(KeyRole::Seal), 1),
        (Step::Generate(KeyRole::Receipt), 1),
        (Step::PutWrapKey, 1),
        (Step::DeleteWrapKey, 1),
        (Step::DeleteDefaultLogin, 1),
    ];
    let (made, exported, imported) = if first { (1, copies, 0) } else { (0, 0, 1) };
    expected.extend([(Step::Generate(KeyRole::Fleet), made), (Step::Export, exported), (Step::Import, imported)]);
    for (step, times) in expected {
        if count(step) != times {
            return Err(format!("{step:?} occurs {} times instead of {times}", count(step)));
        }
    }
    match KeyRole::ALL.into_iter().find(|role| count(Step::Attest(*role)) == 0) {
        Some(role) => Err(format!("the {} key was never attested", role.name())),
        None => Ok(()),
    }
}
