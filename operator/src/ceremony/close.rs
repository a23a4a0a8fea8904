//! Fourth stage, on each device alone: attest the keys, delete the wrap key, read what there is,
//! delete the default login.

use super::device_work::{DeviceWork, Watch, login_key};
use super::progress::Step;
use crate::error::OperatorError;
use crate::out_folder::OutFolder;
use fleet_evidence::device_profile::{DEFAULT_AUTH_KEY, STATEMENT_AUTH_KEY, WRAP_KEY};
use fleet_evidence::folder::{CommandAudit, ObjectEntry, Options};
use yubihsm_device::answers::ObjectInfo;
use yubihsm_device::objects::{KEYS, ObjectType};
use yubihsm_device::{AuthKey, HsmError, OperatorSession};

/// Runs the stage on one device.
pub(super) fn close(
    work: &mut DeviceWork<'_>,
    out: &OutFolder,
    watch: Watch<'_>,
) -> Result<(), OperatorError> {
    if !work.progress.has(Step::DeleteDefaultLogin) {
        attest(work, out, watch)?;
        let delete = |s: &mut OperatorSession| s.delete(WRAP_KEY, ObjectType::WrapKey);
        work.step(Step::DeleteWrapKey, "delete wrap key 0x0301", watch, delete)?;
        take_stock(work, out)?;
        delete_default_login(work, watch)?;
        work.hand_over()?;
    }
    check_logins(work, out)
}

fn attest(
    work: &mut DeviceWork<'_>,
    out: &OutFolder,
    watch: Watch<'_>,
) -> Result<(), OperatorError> {
    for key in KEYS {
        let path = out.attestation(work.serial(), key.id);
        // A certificate whose line is in the log, but which we lost, may be made again.
        if work.progress.has(Step::Attest(key.id)) && path.exists() {
            continue;
        }
        let what = format!("attest 0x{:04x} ({})", key.id, key.label);
        let certificate = work.act(&what, watch, |s| s.attest(key.id))?;
        out.write(&path, &certificate)?;
    }
    Ok(())
}

/// The default login still sees every domain: what it lists, but for itself, is what stays.
fn take_stock(work: &mut DeviceWork<'_>, out: &OutFolder) -> Result<(), OperatorError> {
    let serial = work.serial();
    let at = OperatorError::device(serial);
    let is_default =
        |o: &ObjectInfo| o.id == DEFAULT_AUTH_KEY && o.kind == ObjectType::AuthenticationKey.code();
    let objects: Vec<ObjectEntry> = work
        .session
        .objects()
        .map_err(&at)?
        .into_iter()
        .filter(|o| !is_default(o))
        .map(entry)
        .collect();
    let options = work.session.audit_options().map_err(&at)?;
    let command_audit = options
        .commands
        .iter()
        .map(|(command, level)| CommandAudit { command: *command, level: *level });
    out.write_json(&out.inventory(serial), &objects)?;
    let options = Options { force_audit: options.force, command_audit: command_audit.collect() };
    out.write_json(&out.options(serial), &options)
}

/// Deletes the login that the session itself uses; the log is then read with the operational one.
fn delete_default_login(work: &mut DeviceWork<'_>, watch: Watch<'_>) -> Result<(), OperatorError> {
    watch(work.out(), &format!("device {}: delete default login 0x0001", work.serial()))?;
    let at = OperatorError::device(work.serial());
    work.session.delete(DEFAULT_AUTH_KEY, ObjectType::AuthenticationKey).map_err(at)
}

/// The default login must be refused, ours must open.
fn check_logins(work: &mut DeviceWork<'_>, out: &OutFolder) -> Result<(), OperatorError> {
    if !work.progress.has(Step::DeleteDefaultLogin) {
        return Err(work.start_over("its log does not show the deletion of the default login"));
    }
    let address = work.site.address()?;
    match OperatorSession::open(&address, DEFAULT_AUTH_KEY, &AuthKey::factory_default()) {
        Err(HsmError::WrongAuthKey(_)) => {}
        Ok(_) => return Err(work.start_over("the default login still works")),
        Err(e) => return Err(OperatorError::device(work.serial())(e)),
    }
    let key = login_key(work.site, out, STATEMENT_AUTH_KEY)?;
    let opened = OperatorSession::open(&address, STATEMENT_AUTH_KEY, &key);
    opened.map(|_| ()).map_err(OperatorError::device(work.serial()))
}

fn entry(object: ObjectInfo) -> ObjectEntry {
    ObjectEntry {
        id: object.id,
        kind: object.kind,
        algorithm: object.algorithm,
        capabilities: object.capabilities,
        delegated_capabilities: object.delegated,
        domains: object.domains,
        origin: object.origin,
        label: object.label,
    }
}
