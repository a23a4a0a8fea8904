//! Second stage, on each device alone: options that cannot be taken back, our two logins, the device's own keys.

use super::device_work::{DeviceWork, login_key};
use super::out_folder::OutFolder;
use super::progress::{Role, Step};
use super::{CeremonyError, Watch};
use crate::hsm::lists::FIX;
use crate::hsm::objects::{AUDITED_COMMANDS, FLEET, KEY_DOMAIN, LOGINS, OPRF, RECEIPT, SEAL};
use fleet_evidence::rules::REQUIRED_AUDIT;

/// Runs the stage on one device.
pub fn prepare(work: &mut DeviceWork<'_>, out: &OutFolder, watch: Watch<'_>) -> Result<(), CeremonyError> {
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
        Role::First { .. } => vec![OPRF, SEAL, RECEIPT, FLEET],
        Role::Other => vec![OPRF, SEAL, RECEIPT],
    };
    for key in own {
        let what = format!("generate 0x{:04x} ({})", key.id, key.label);
        work.step(Step::GenerateKey(key.id), &what, watch, |s| s.generate_key(&key, KEY_DOMAIN, key.label))?;
    }
    Ok(())
}

fn options(work: &mut DeviceWork<'_>, watch: Watch<'_>) -> Result<(), CeremonyError> {
    let serial = work.serial();
    let now = work.session.audit_options().map_err(CeremonyError::device(serial))?;
    let listed = |command: &u8| now.commands.iter().find(|(c, _)| c == command);
    if let Some(missing) = REQUIRED_AUDIT.iter().find(|c| listed(c).is_none()) {
        return Err(work.start_over(format!("this firmware cannot audit command 0x{missing:02x}")));
    }
    let unset = |command: &u8| listed(command).is_some_and(|(_, level)| *level != FIX);
    let to_set: Vec<u8> = AUDITED_COMMANDS.into_iter().filter(unset).collect();
    if !to_set.is_empty() {
        let what = format!("fix auditing of {} commands until the next reset", to_set.len());
        work.act(&what, watch, |s| s.fix_command_audit(&to_set))?;
    }
    if now.force != FIX {
        work.act("fix forced auditing until the next reset", watch, |s| s.fix_force_audit())?;
    }
    Ok(())
}
