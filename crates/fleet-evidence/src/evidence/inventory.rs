//! Checks E7 to E9: what else is in a device, and how it is set.

use super::dossier::{DeviceFiles, Dossier};
use crate::check_id::CheckId;
use crate::device_profile::*;
use crate::folder::{CommandAudit, ObjectEntry};
use crate::report::Check;
use crate::trust::firmware;

/// Checks E7, E8 and E9.
pub(super) fn check(dossier: &Dossier) -> Vec<Check> {
    let each = |id, what: &str, check: fn(&DeviceFiles, bool) -> Result<(), String>| {
        let result = dossier.devices.iter().try_for_each(|d| {
            let first = d.serial == dossier.manifest.fleet_key_made_on;
            check(d, first).map_err(|why| format!("device {}: {why}", d.serial))
        });
        Check::from_result(id, result.map(|()| what.to_string()))
    };
    vec![
        each(CheckId::E7, "only the operational and the statement login", |d, _| check_logins(d)),
        each(CheckId::E8, "only the five keys", check_objects),
        each(CheckId::E9, "force-audit and command audit are fixed", |d, _| check_options(d)),
    ]
}

fn check_logins(device: &DeviceFiles) -> Result<(), String> {
    let allowed = [
        (OPERATIONAL_AUTH_KEY, OPERATIONAL_CAPABILITIES, KEY_DOMAINS),
        (STATEMENT_AUTH_KEY, STATEMENT_CAPABILITIES, STATEMENT_DOMAINS),
    ];
    for login in &device.auth_keys {
        let Some((_, most, domains)) = allowed.iter().find(|(id, ..)| *id == login.id) else {
            return Err(format!("login {:#06x} was not declared", login.id));
        };
        if login.kind != TYPE_AUTHENTICATION_KEY {
            return Err(format!("object {:#06x} is not a login", login.id));
        }
        if login.capabilities & CHANGE_AUTHENTICATION_KEY == 0 {
            return Err(format!("login {:#06x} cannot be given a key of its site's own", login.id));
        }
        if login.capabilities & !most != 0 || login.delegated_capabilities != 0 {
            return Err(format!(
                "login {:#06x} may do {:016x} and delegate {:016x}, at most {most:016x} and nothing are allowed",
                login.id, login.capabilities, login.delegated_capabilities
            ));
        }
        if login.domains != *domains {
            return Err(format!("login {:#06x} has domains {:04x}", login.id, login.domains));
        }
    }
    check_once(&device.auth_keys, &allowed.map(|(id, ..)| id))
}

fn check_objects(device: &DeviceFiles, first: bool) -> Result<(), String> {
    for object in &device.objects {
        let role = KeyRole::of(object.id).filter(|_| object.kind == TYPE_ASYMMETRIC_KEY);
        let Some(role) = role else {
            return Err(format!(
                "object {:#06x} of type {} was not declared",
                object.id, object.kind
            ));
        };
        let origin = if role == KeyRole::Fleet && !first {
            ORIGIN_GENERATED_IMPORTED_WRAPPED
        } else {
            ORIGIN_GENERATED
        };
        let expected = (ALGORITHM_EC_P256, role.capabilities(), 0, KEY_DOMAINS, origin);
        let found = (
            object.algorithm,
            object.capabilities,
            object.delegated_capabilities,
            object.domains,
            object.origin,
        );
        if found != expected {
            return Err(format!("the {} key is {found:x?} instead of {expected:x?}", role.name()));
        }
    }
    check_once(&device.objects, &KeyRole::ALL.map(KeyRole::id))
}

/// Each id occurs exactly once.
fn check_once(objects: &[ObjectEntry], ids: &[u16]) -> Result<(), String> {
    match ids.iter().find(|id| objects.iter().filter(|o| o.id == **id).count() != 1) {
        Some(id) => Err(format!("object {id:#06x} does not occur exactly once")),
        None => Ok(()),
    }
}

fn check_options(device: &DeviceFiles) -> Result<(), String> {
    if device.options.force_audit != LEVEL_FIX {
        return Err(format!(
            "force-audit is {} instead of {LEVEL_FIX}",
            device.options.force_audit
        ));
    }
    let version = &device.info.firmware;
    let number = firmware(version).ok_or_else(|| format!("firmware {version} is not a version"))?;
    if !is_known_firmware(number) {
        return Err(format!(
            "firmware {version} is newer than the commands known here: one could go unrecorded"
        ));
    }
    let listed = &device.options.command_audit;
    if let Some(unknown) = listed.iter().find(|c| command_of(c.command).is_none()) {
        return Err(format!("it has a command {:#04x} that nobody knows", unknown.command));
    }
    for code in required_audit(number) {
        let mut levels = listed.iter().filter(|c| c.command == code).map(|c| c.level);
        if (levels.next(), levels.next()) != (Some(LEVEL_FIX), None) {
            return Err(format!("command {code:#04x} is not audited at level {LEVEL_FIX}"));
        }
    }
    check_named_once(listed)
}

/// A command named twice could have either level, and would count twice against the log's lines
/// (E6).
fn check_named_once(listed: &[CommandAudit]) -> Result<(), String> {
    let mut codes: Vec<u8> = listed.iter().map(|c| c.command).collect();
    codes.sort_unstable();
    match codes.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("the settings name command {:#04x} twice", pair[0])),
        None => Ok(()),
    }
}
