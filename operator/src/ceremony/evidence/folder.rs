//! The evidence folder of a ceremony (spec/evidence.md section 2).

use super::device::DeviceEvidence;
use crate::error::OperatorError;
use crate::out_folder::OutFolder;
use crate::plan::{Plan, PlannedSite};
use crate::site_program::SiteProgram;
use fleet_evidence::folder::{
    ATTACHED, BUILD, BuildInfo, EvidenceFolder, MANIFEST, Manifest, ManifestSite, TRANSCRIPT,
    canonical,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use vault_protocol::BundleId;

/// Writes every file of the folder that the manifest covers, then the manifest; returns its digest.
///
/// # Errors
/// The disk's, or a file over the format's limits.
pub(crate) fn write(
    plan: &Plan,
    out: &OutFolder,
    site_program: &SiteProgram,
    mock: bool,
    devices: &[DeviceEvidence],
) -> Result<BundleId, OperatorError> {
    let mut files: BTreeMap<String, Vec<u8>> =
        devices.iter().flat_map(DeviceEvidence::files).collect();
    let transcript = out.transcript();
    files.insert(TRANSCRIPT.into(), crate::files::read(&transcript)?);
    files.insert(BUILD.into(), canonical(&build(&plan.source, site_program)));
    let manifest = manifest(plan, mock, devices).build(&files);
    files.insert(MANIFEST.into(), manifest.to_bytes());
    remove_stale(out)?;
    for (path, bytes) in &files {
        out.write(&out.evidence().join(path), bytes)?;
    }
    EvidenceFolder::new(files).map_err(|e| OperatorError::Folder(e.to_string()))?;
    Ok(manifest.digest())
}

fn manifest(plan: &Plan, mock: bool, devices: &[DeviceEvidence]) -> Manifest {
    let site = |s: &PlannedSite| ManifestSite {
        index: s.index,
        region: s.region.clone(),
        endpoint: s.endpoint.clone(),
        serial: s.serial,
    };
    Manifest {
        kind: String::new(),
        namespace: plan.namespace.clone(),
        fleet_id: plan.fleet_id,
        epoch: plan.epoch,
        created_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
        mock,
        sites: plan.sites.iter().map(site).collect(),
        fleet_key_made_on: devices.first().map_or(0, DeviceEvidence::serial),
        files: BTreeMap::new(),
    }
}

fn build(source: &str, site_program: &SiteProgram) -> BuildInfo {
    BuildInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        vault_server_sha256: hex::encode(site_program.sha256()),
        source: source.into(),
    }
}

/// Removes what an interrupted earlier try may have written; the anchors stay.
fn remove_stale(out: &OutFolder) -> Result<(), OperatorError> {
    let devices = out.evidence().join("devices");
    let gone = |result: std::io::Result<()>, path: &Path| match result {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(OperatorError::io(path)(e)),
        _ => Ok(()),
    };
    gone(std::fs::remove_dir_all(&devices), &devices)?;
    let covered = [TRANSCRIPT, BUILD, MANIFEST];
    debug_assert!(ATTACHED.contains(&MANIFEST));
    covered
        .iter()
        .map(|name| out.evidence().join(name))
        .try_for_each(|p| gone(std::fs::remove_file(&p), &p))
}
