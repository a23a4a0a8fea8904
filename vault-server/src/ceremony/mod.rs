//! The ceremony that turns factory-fresh devices into a fleet (spec/evidence.md section 1).
//!
//! Each device's own audit log decides what was done, so a ceremony can be stopped anywhere: `resume` goes on, or says
//! that a device must start over. Nothing printed or written to the transcript is secret.

mod auditor_http;
mod begin;
mod cloning;
mod close;
mod command;
mod device_work;
mod error;
mod factory_state;
mod finish;
mod gather_statements;
mod log_store;
mod operator;
mod operator_request;
mod out_folder;
mod plan;
mod prepare;
mod progress;
mod renew;
mod request_challenges;
mod send_anchors;
mod vouch;

pub use begin::FACTORY_CERTIFICATE;
pub use close::{INVENTORY, OPTIONS, attestation_file};
pub use command::{CeremonyArgs, run};
pub use error::CeremonyError;
pub use gather_statements::{GatherStatementsArgs, gather_statements};
pub use operator::{CountersignArgs, OperatorKeyArgs, countersign, operator_key};
pub use out_folder::OutFolder;
pub use plan::{Plan, PlannedSite};
pub use renew::{RenewArgs, renew};
pub use request_challenges::{RequestChallengesArgs, request_challenges};
pub use send_anchors::{SendAnchorsArgs, send_anchors};
pub use vouch::{VouchArgs, vouch};

use crate::hsm::objects::{KEYS, LOGINS};
use device_work::DeviceWork;
use out_folder::Journal;
use progress::Role;
use std::collections::BTreeMap;
use vault_protocol::Bundle;

/// Told of each step before it is done; an error stops the ceremony there.
pub type Watch<'a> = &'a dyn Fn(&OutFolder, &str) -> Result<(), CeremonyError>;

/// Runs a ceremony from the beginning.
///
/// # Errors
/// [`CeremonyError::Folder`] if the folder holds another one; otherwise as [`resume`].
pub fn begin_and_run(plan: &Plan, out: &OutFolder, watch: Watch<'_>) -> Result<Bundle, CeremonyError> {
    if out.journal().exists() {
        let text = format!("{} holds a ceremony already: resume it, or choose another folder", out.path().display());
        return Err(CeremonyError::Folder(text));
    }
    out.write_json(&out.journal(), &Journal { plan: plan.digest(), devices: BTreeMap::new() })?;
    resume(plan, out, watch)
}

/// Does whatever is still to do.
///
/// # Errors
/// [`CeremonyError::Waiting`] for the auditor; [`CeremonyError::StartOver`] if a device cannot be completed;
/// [`CeremonyError::Device`] if one could not be reached or refused a command: then resume again.
pub fn resume(plan: &Plan, out: &OutFolder, watch: Watch<'_>) -> Result<Bundle, CeremonyError> {
    let mut journal = journal(plan, out)?;
    for site in &plan.sites {
        begin::reset(plan, site, out, &mut journal, watch)?;
    }
    let anchors = begin::anchors(plan, out, &journal)?;
    let mut works = open_all(plan, out, &journal)?;
    for work in &mut works {
        prepare::prepare(work, out, watch)?;
    }
    cloning::clone_fleet_key(&mut works, watch)?;
    for work in &mut works {
        close::close(work, out, watch)?;
    }
    finish::finish(plan, out, &journal, &anchors, &mut works, watch)
}

/// Looks at every device without changing it, and returns one line for each.
///
/// # Errors
/// A device cannot be reached, is not the planned one, or holds something and the plan does not reset it.
pub fn dry_run(plan: &Plan) -> Result<Vec<String>, CeremonyError> {
    let look = |site: &PlannedSite| match (begin::inspect(site)?, plan.reset) {
        (reasons, _) if reasons.is_empty() => Ok(format!("device {}: in factory state", site.serial)),
        (reasons, true) => Ok(format!("device {}: will be ERASED: {}", site.serial, reasons.join(", "))),
        (reasons, false) => Err(CeremonyError::NotFactory { serial: site.serial, reasons: reasons.join(", ") }),
    };
    plan.sites.iter().map(look).collect()
}

/// The steps of a plan, for a person to read before anything is done.
pub fn describe(plan: &Plan) -> Vec<String> {
    let n = plan.sites.len();
    let mut lines = vec![format!(
        "fleet {} of {}, epoch {}: {n} sites, {} needed for a recovery, {} policy for guesses",
        plan.fleet_id,
        plan.namespace,
        plan.epoch,
        plan.threshold(),
        plan.policy.name()
    )];
    for site in &plan.sites {
        let erase = if plan.reset { "ERASE and reset" } else { "take in factory state" };
        lines.push(format!("site {} ({}, {}): {erase} device {}", site.index, site.region, site.endpoint, site.serial));
    }
    lines.push("wait for the auditor to note how each log begins".into());
    lines.push("each: fix auditing of every command that touches a key or login, and forced auditing".into());
    lines.extend(LOGINS.iter().map(|l| format!("each: put login 0x{:04x} ({}), fresh random key", l.id, l.label)));
    lines.extend(KEYS.iter().map(|k| format!("each: key 0x{:04x} ({})", k.id, k.label)));
    lines.push(format!("clone the fleet key from the first device to the others: {} exports", n - 1));
    lines.push("each: attest the keys, delete the wrap key, delete the default login".into());
    lines.push("write evidence, bundle and one statement of each device".into());
    lines
}

/// Resets the devices of an abandoned ceremony and puts its folder aside.
///
/// # Errors
/// The plan does not allow resets, or a device has no default login any more: then it must be reset by hand.
pub fn start_over(plan: &Plan, out: &OutFolder, watch: Watch<'_>) -> Result<Bundle, CeremonyError> {
    if !plan.reset {
        return Err(CeremonyError::Plan("starting over erases the devices: plan with \"reset\": true".into()));
    }
    for site in &plan.sites {
        begin::inspect(site)?;
    }
    put_aside(out)?;
    begin_and_run(plan, out, watch)
}

fn put_aside(out: &OutFolder) -> Result<(), CeremonyError> {
    if !out.path().exists() {
        return Ok(());
    }
    let free = |n: &u32| !out.path().with_extension(format!("abandoned-{n}")).exists();
    let number = (1..).find(free).expect("there is a free number");
    let aside = out.path().with_extension(format!("abandoned-{number}"));
    std::fs::rename(out.path(), &aside).map_err(CeremonyError::io(out.path()))
}

fn journal(plan: &Plan, out: &OutFolder) -> Result<Journal, CeremonyError> {
    let journal: Option<Journal> = out.read_json(&out.journal())?;
    let journal = journal.ok_or_else(|| {
        CeremonyError::Folder(format!("{} holds no ceremony: use `ceremony run`", out.path().display()))
    })?;
    match journal.plan == plan.digest() {
        true => Ok(journal),
        false => Err(CeremonyError::Folder("the plan was changed since this ceremony began".into())),
    }
}

fn open_all<'a>(plan: &'a Plan, out: &'a OutFolder, journal: &Journal) -> Result<Vec<DeviceWork<'a>>, CeremonyError> {
    let role = |position| match position {
        0 => Role::First { exports: plan.sites.len() - 1 },
        _ => Role::Other,
    };
    plan.sites.iter().enumerate().map(|(i, site)| DeviceWork::open(site, role(i), out, journal)).collect()
}
