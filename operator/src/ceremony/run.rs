//! A whole ceremony, stage after stage, from wherever it stands.

use super::device_work::{DeviceWork, Watch};
use super::finish::{Facts, finish};
use super::progress::Role;
use super::{begin, cloning, close, prepare};
use crate::error::OperatorError;
use crate::out_folder::{Journal, OutFolder};
use crate::plan::Plan;
use crate::site_program::SiteProgram;
use std::collections::BTreeMap;
use vault_protocol::Bundle;

/// Runs a ceremony from the beginning.
///
/// # Errors
/// [`OperatorError::Folder`] if the folder holds another one; otherwise as [`resume`].
pub fn begin_and_run(
    plan: &Plan,
    out: &OutFolder,
    site_program: &SiteProgram,
    watch: Watch<'_>,
) -> Result<Bundle, OperatorError> {
    if out.journal().exists() {
        let text = format!(
            "{} holds a ceremony already: resume it, or choose another folder",
            out.path().display()
        );
        return Err(OperatorError::Folder(text));
    }
    out.write_json(&out.journal(), &Journal { plan: plan.digest(), devices: BTreeMap::new() })?;
    resume(plan, out, site_program, watch)
}

/// Does whatever is still to do.
///
/// # Errors
/// [`OperatorError::Waiting`] for the auditor; [`OperatorError::StartOver`] if a device cannot be
/// completed; [`OperatorError::Device`] if one could not be reached or refused a command: then
/// resume again.
pub fn resume(
    plan: &Plan,
    out: &OutFolder,
    site_program: &SiteProgram,
    watch: Watch<'_>,
) -> Result<Bundle, OperatorError> {
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
    let facts = Facts { plan, out, site_program, journal: &journal, anchors: &anchors };
    finish(facts, &mut works, watch)
}

/// Resets the devices of an abandoned ceremony and puts its folder aside.
///
/// # Errors
/// The plan does not allow resets, or a device has no default login any more: then it must be reset
/// by hand.
pub fn start_over(
    plan: &Plan,
    out: &OutFolder,
    site_program: &SiteProgram,
    watch: Watch<'_>,
) -> Result<Bundle, OperatorError> {
    if !plan.reset {
        return Err(OperatorError::Plan(
            "starting over erases the devices: plan with \"reset\": true".into(),
        ));
    }
    for site in &plan.sites {
        begin::inspect(site)?;
    }
    put_aside(out)?;
    begin_and_run(plan, out, site_program, watch)
}

fn put_aside(out: &OutFolder) -> Result<(), OperatorError> {
    if !out.path().exists() {
        return Ok(());
    }
    let free = |n: &u32| !out.path().with_extension(format!("abandoned-{n}")).exists();
    let number = (1..).find(free).expect("there is a free number");
    let aside = out.path().with_extension(format!("abandoned-{number}"));
    std::fs::rename(out.path(), &aside).map_err(OperatorError::io(out.path()))
}

fn journal(plan: &Plan, out: &OutFolder) -> Result<Journal, OperatorError> {
    let journal: Option<Journal> = out.read_json(&out.journal())?;
    let journal = journal.ok_or_else(|| {
        OperatorError::Folder(format!(
            "{} holds no ceremony: use `ceremony run`",
            out.path().display()
        ))
    })?;
    match journal.plan == plan.digest() {
        true => Ok(journal),
        false => {
            Err(OperatorError::Folder("the plan was changed since this ceremony began".into()))
        }
    }
}

fn open_all<'a>(
    plan: &'a Plan,
    out: &'a OutFolder,
    journal: &Journal,
) -> Result<Vec<DeviceWork<'a>>, OperatorError> {
    let role = |position| match position {
        0 => Role::First { exports: plan.sites.len() - 1 },
        _ => Role::Other,
    };
    plan.sites
        .iter()
        .enumerate()
        .map(|(i, site)| DeviceWork::open(site, role(i), out, journal))
        .collect()
}
