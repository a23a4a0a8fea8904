//! Second stage, on each device alone: options that cannot be taken back, our two logins, the
//! device's own keys.

use super::device_work::{DeviceWork, Watch, login_key};
use super::progress::{Role, Step};
use crate::error::OperatorError;
use crate::out_folder::OutFolder;
use fleet_evidence::device_profile::KEY_DOMAINS;
use fleet_evidence::device_profile::command::SET_OPTION;
use fleet_evidence::device_profile::{LEVEL_FIX, required_audit};
use yubihsm_device::objects::{FLEET, LOGINS, OPRF, RECEIPT, SEAL, SESSION};

/// Runs the stage on one device.
pub(super) fn prepare(
    work: &mut DeviceWork<'_>,
    out: &OutFolder,
    watch: Watch<'_>,
) -> Result<(), OperatorError> {
    if work.progress.has(Step::DeleteDefaultLogin) {
        return Ok(());
    }
    options(work, watch)?;
    for login in LOGINS {
        let key = login_key(work.site, out, login.id)?;
        let what = format!("put login 0x{:04x} ({})", login.id, login.label);
        work.step(Step::PutLogin(login.id), &what, watch, |s| s.put_login(&login, &key))?;
    }
    let own = match work.role {
        Role::First { .. } => vec![OPRF, SEAL, RECEIPT, SESSION, FLEET],
        Role::Other => vec![OPRF, SEAL, RECEIPT, SESSION],
    };
    for key in own {
        let what = format!("generate 0x{:04x} ({})", key.id, key.label);
        work.step(Step::GenerateKey(key.id), &what, watch, |s| {
            s.generate_key(&key, KEY_DOMAINS, key.label)
        })?;
    }
    Ok(())
}

/// Three settings, in an order that the log can show: Set Option must be audited before it can
/// leave a line, and one line must stand for all other commands.
fn options(work: &mut DeviceWork<'_>, watch: Watch<'_>) -> Result<(), OperatorError> {
    let at = OperatorError::device(work.serial());
    let firmware = work.session.info().map_err(&at)?.firmware;
    let now = work.session.audit_options().map_err(&at)?;
    let is_fixed = |code: u8| now.commands.contains(&(code, LEVEL_FIX));
    if !is_fixed(SET_OPTION) {
        let what = "fix auditing of Set Option until the next reset";
        work.act(what, watch, |s| s.fix_command_audit(&[SET_OPTION]))?;
    }
    let others: Vec<u8> = required_audit(firmware).filter(|code| *code != SET_OPTION).collect();
    let unset: Vec<u8> = others.iter().copied().filter(|code| !is_fixed(*code)).collect();
    if !unset.is_empty() && unset.len() < others.len() {
        return Err(work.start_over("auditing of some commands was fixed before the ceremony"));
    }
    if !unset.is_empty() {
        let what = format!("fix auditing of {} other commands until the next reset", unset.len());
        work.act(&what, watch, |s| s.fix_command_audit(&unset))?;
    }
    if now.force != LEVEL_FIX {
        work.act("fix forced auditing until the next reset", watch, |s| s.fix_force_audit())?;
    }
    Ok(())
}
