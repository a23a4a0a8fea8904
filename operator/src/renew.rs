//! A new epoch for devices that keep their keys: other addresses, regions, or period of use
//! (spec/evidence.md section 1.1).

use crate::error::OperatorError;
use crate::files::read;
use crate::out_folder::OutFolder;
use crate::plan::{Plan, PlannedSite};
use clap::Args;
use durable_files::{Readers, write_whole};
use fleet_evidence::folder::{
    ANCHORS, ATTACHED, Anchors, AuditLog, EvidenceFolder, Head, MANIFEST, Manifest, ManifestSite,
    NEW_EPOCH, NewEpoch, RequestedStatement, device_file,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use vault_protocol::{Bundle, BundleId, Evidence, SignedBundle, Site};

/// Prepares the next epoch of a fleet whose devices and keys stay.
#[derive(Args, Debug)]
pub struct RenewArgs {
    /// The new plan (JSON): the next epoch, and the same devices at the same places in the list.
    #[arg(long)]
    plan: PathBuf,
    /// The ceremony's folder, with its evidence.
    #[arg(long)]
    out: PathBuf,
    /// The signed bundle that is current.
    #[arg(long)]
    current: PathBuf,
    /// New folder for bundle.json, evidence/ and new-epoch.json.
    #[arg(long)]
    into: PathBuf,
}

/// Exit code 0 done, 1 refused.
pub fn renew(args: &RenewArgs) -> ExitCode {
    match try_renew(args) {
        Ok(id) => {
            println!("Bundle {id}: {}", args.into.join("bundle.json").display());
            println!(
                "Next: give {} to every site for `vault-server vouch`, then run `keepsake-operator gather-statements`.",
                args.into.join(NEW_EPOCH).display()
            );
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("renew: {e}");
            ExitCode::FAILURE
        }
    }
}

fn try_renew(args: &RenewArgs) -> Result<BundleId, OperatorError> {
    let plan = Plan::read(&args.plan)?;
    let out = OutFolder::new(&args.out);
    let current =
        SignedBundle::from_json(&read(&args.current)?).map_err(|e| folder(e.to_string()))?.bundle;
    check(&plan, &current)?;
    if args.into.exists() {
        return Err(folder(format!("{} exists already", args.into.display())));
    }
    let mut files = covered(&out)?;
    let manifest = manifest(&plan, &files)?;
    files.insert(MANIFEST.into(), manifest.to_bytes());
    let bundle = next_bundle(&plan, &current, manifest.digest());
    bundle.check_shape().map_err(|e| folder(e.to_string()))?;
    let request = NewEpoch { statements: requests(&plan, &files)?, bundle };
    EvidenceFolder::new(files.clone()).map_err(|e| folder(e.to_string()))?;
    for (path, bytes) in &files {
        write(&args.into.join("evidence").join(path), bytes)?;
    }
    let text = serde_json::to_vec_pretty(&request).expect("plain data");
    write(&args.into.join(NEW_EPOCH), &text)?;
    write(&args.into.join("bundle.json"), &request.bundle.canonical())?;
    Ok(request.bundle.id())
}

/// The devices and their order must be the current ones: anything else needs a ceremony.
fn check(plan: &Plan, current: &Bundle) -> Result<(), OperatorError> {
    let refuse = |why: &str| Err(OperatorError::Plan(why.into()));
    if (plan.fleet_id, &plan.namespace) != (current.fleet_id, &current.namespace) {
        return refuse("it is for another fleet than the current bundle");
    }
    if plan.epoch != current.epoch + 1 || plan.previous != Some(current.id()) {
        return refuse(
            "it must be the epoch after the current bundle, and name its id as previous",
        );
    }
    if plan.policy != current.policy {
        return refuse(
            "another policy for guesses needs a new fleet state: accounts are bound to it",
        );
    }
    let planned = plan.sites.iter().map(|s| (s.index, Some(s.serial)));
    let existing = current.sites.iter().map(|s| (s.index, s.device().map(|d| d.serial)));
    if planned.eq(existing) {
        Ok(())
    } else {
        refuse("other devices need a ceremony; here only places and dates change")
    }
}

fn next_bundle(plan: &Plan, current: &Bundle, evidence: BundleId) -> Bundle {
    let site = |(planned, existing): (&PlannedSite, &Site)| Site {
        region: planned.region.clone(),
        endpoint: planned.endpoint.clone(),
        ..existing.clone()
    };
    Bundle {
        epoch: plan.epoch,
        sites: plan.sites.iter().zip(&current.sites).map(site).collect(),
        not_before: plan.not_before,
        not_after: plan.not_after,
        previous: plan.previous,
        evidence: Evidence { digest: evidence, url: plan.evidence_url.clone() },
        revoked_epochs: plan.revoked_epochs.clone(),
        keys_since: Some(current.keys_since()),
        ..current.clone()
    }
}

/// The ceremony's own files and the auditor's anchors: what they show has not changed.
fn covered(out: &OutFolder) -> Result<BTreeMap<String, Vec<u8>>, OperatorError> {
    let root = out.evidence();
    let manifest: Manifest = json(&read(&root.join(MANIFEST))?)?;
    let paths = manifest.files.keys().map(String::as_str).chain([ANCHORS, MANIFEST]);
    paths.map(|path| Ok((path.to_string(), read(&root.join(path))?))).collect()
}

/// The ceremony's manifest, for the new epoch and places.
fn manifest(plan: &Plan, files: &BTreeMap<String, Vec<u8>>) -> Result<Manifest, OperatorError> {
    let old: Manifest = json(&files[MANIFEST])?;
    let site = |s: &PlannedSite| ManifestSite {
        index: s.index,
        region: s.region.clone(),
        endpoint: s.endpoint.clone(),
        serial: s.serial,
    };
    let created_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let sites = plan.sites.iter().map(site).collect();
    debug_assert!(ATTACHED.contains(&ANCHORS));
    Ok(Manifest { epoch: plan.epoch, created_at, sites, ..old }.build(files))
}

/// What each site's device is to vouch for: the end of its ceremony, for the auditor's same
/// challenge.
fn requests(
    plan: &Plan,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<RequestedStatement>, OperatorError> {
    let anchors: Anchors = json(&files[ANCHORS])?;
    let one = |site: &PlannedSite| {
        let path = device_file::path(site.serial, device_file::AUDIT_LOG);
        let log = files.get(&path).ok_or_else(|| folder(format!("{path} is missing")))?;
        let noted = anchors.record.devices.iter().find(|d| d.serial == site.serial);
        let noted = noted.ok_or_else(|| folder(format!("device {} has no anchor", site.serial)))?;
        let log: AuditLog = json(log)?;
        let last = log
            .entries
            .last()
            .ok_or_else(|| folder(format!("device {}: its log is empty", site.serial)))?;
        Ok(RequestedStatement {
            serial: site.serial,
            challenge: noted.challenge,
            head: Head::of(last),
        })
    };
    plan.sites.iter().map(one).collect()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), OperatorError> {
    write_whole(path, bytes, Readers::Everyone).map_err(OperatorError::io(path))
}

fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, OperatorError> {
    serde_json::from_slice(bytes).map_err(|e| folder(e.to_string()))
}

fn folder(why: String) -> OperatorError {
    OperatorError::Folder(why)
}
