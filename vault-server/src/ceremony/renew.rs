//! A new epoch for devices that keep their keys: other addresses, regions, or period of use (spec/evidence.md section 1.1).

use super::{CeremonyError, OutFolder, Plan, PlannedSite};
use crate::evidence::{StatementRequest, make_statement};
use crate::hsm::private_file::{Readers, write_whole};
use crate::hsm::{AuthKey, StatementMaker};
use clap::Args;
use fleet_evidence::folder::{
    ANCHORS, ATTACHED, Anchors, AuditLog, EvidenceFolder, LogHead, MANIFEST, Manifest, ManifestSite, Purpose,
    STATEMENTS, STATEMENTS_TYPE, Statements, canonical, device_file,
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
    /// The ceremony's folder, with its evidence and the sites' statement keys.
    #[arg(long)]
    out: PathBuf,
    /// The signed bundle that is current.
    #[arg(long)]
    current: PathBuf,
    /// New folder for bundle.json and evidence/.
    #[arg(long)]
    into: PathBuf,
}

/// Exit code 0 done, 1 refused.
pub fn renew(args: &RenewArgs) -> ExitCode {
    match try_renew(args) {
        Ok(id) => {
            println!("Bundle {id}: {}", args.into.join("bundle.json").display());
            println!(
                "Next: the auditor signs, you countersign, the auditor publishes, each site takes the new bundle."
            );
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("renew: {e}");
            ExitCode::FAILURE
        }
    }
}

fn try_renew(args: &RenewArgs) -> Result<BundleId, CeremonyError> {
    let plan = Plan::read(&args.plan)?;
    let out = OutFolder::new(&args.out);
    let current = SignedBundle::from_json(&read(&args.current)?).map_err(|e| folder(e.to_string()))?.bundle;
    check(&plan, &current)?;
    if args.into.exists() {
        return Err(folder(format!("{} exists already", args.into.display())));
    }
    let mut files = covered(&out)?;
    let manifest = manifest(&plan, &files)?;
    files.insert(MANIFEST.into(), manifest.to_bytes());
    let bundle = next_bundle(&plan, &current, manifest.digest());
    bundle.check_shape().map_err(|e| folder(e.to_string()))?;
    let statements = statements(&plan, &out, &files, bundle.id())?;
    files.insert(STATEMENTS.into(), canonical(&statements));
    EvidenceFolder::new(files.clone()).map_err(|e| folder(e.to_string()))?;
    for (path, bytes) in &files {
        write(&args.into.join("evidence").join(path), bytes)?;
    }
    write(&args.into.join("bundle.json"), &bundle.canonical())?;
    Ok(bundle.id())
}

/// The devices and their order must be the current ones: anything else needs a ceremony.
fn check(plan: &Plan, current: &Bundle) -> Result<(), CeremonyError> {
    let refuse = |why: &str| Err(CeremonyError::Plan(why.into()));
    if (plan.fleet_id, &plan.namespace) != (current.fleet_id, &current.namespace) {
        return refuse("it is for another fleet than the current bundle");
    }
    if plan.epoch != current.epoch + 1 || plan.previous != Some(current.id()) {
        return refuse("it must be the epoch after the current bundle, and name its id as previous");
    }
    if plan.policy != current.policy {
        return refuse("another policy for guesses needs a new fleet state: accounts are bound to it");
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
fn covered(out: &OutFolder) -> Result<BTreeMap<String, Vec<u8>>, CeremonyError> {
    let root = out.evidence();
    let manifest: Manifest = json(&read(&root.join(MANIFEST))?)?;
    let paths = manifest.files.keys().map(String::as_str).chain([ANCHORS, MANIFEST]);
    paths.map(|path| Ok((path.to_string(), read(&root.join(path))?))).collect()
}

/// The ceremony's manifest, for the new epoch and places.
fn manifest(plan: &Plan, files: &BTreeMap<String, Vec<u8>>) -> Result<Manifest, CeremonyError> {
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

/// Each device vouches for the end of its ceremony and the new bundle.
fn statements(
    plan: &Plan,
    out: &OutFolder,
    files: &BTreeMap<String, Vec<u8>>,
    bundle: BundleId,
) -> Result<Statements, CeremonyError> {
    let anchors: Anchors = json(&files[ANCHORS])?;
    let one = |site: &PlannedSite| {
        let file = |name: &str| {
            let path = device_file::path(site.serial, name);
            files.get(&path).ok_or_else(|| folder(format!("{path} is missing")))
        };
        let noted = anchors.record.devices.iter().find(|d| d.serial == site.serial);
        let noted = noted.ok_or_else(|| folder(format!("device {} has no anchor", site.serial)))?;
        let log: AuditLog = json(file(device_file::AUDIT_LOG)?)?;
        let last = log.entries.last().ok_or_else(|| folder(format!("device {}: its log is empty", site.serial)))?;
        let key = AuthKey::read(&out.site(site.index, "statement-auth.key"));
        let maker = StatementMaker::new(site.address()?, key.map_err(CeremonyError::device(site.serial))?);
        let request = StatementRequest {
            serial: site.serial,
            purpose: Purpose::Ceremony,
            challenge: noted.challenge,
            head: LogHead::of(last),
            bundle,
            device_chain: String::from_utf8_lossy(file(device_file::CHAIN)?).into_owned(),
        };
        make_statement(&maker, request).map_err(CeremonyError::device(site.serial))
    };
    let statements = plan.sites.iter().map(one).collect::<Result<_, _>>()?;
    Ok(Statements { kind: STATEMENTS_TYPE.into(), statements })
}

fn read(path: &Path) -> Result<Vec<u8>, CeremonyError> {
    std::fs::read(path).map_err(CeremonyError::io(path))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CeremonyError> {
    write_whole(path, bytes, Readers::Everyone).map_err(CeremonyError::io(path))
}

fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, CeremonyError> {
    serde_json::from_slice(bytes).map_err(|e| folder(e.to_string()))
}

fn folder(why: String) -> CeremonyError {
    CeremonyError::Folder(why)
}
