//! Checks E1, E10 and E11: what the evidence is about.

use crate::folder::{ATTACHED, BuildInfo, EvidenceFolder, MANIFEST, MANIFEST_TYPE, Manifest};
use crate::trust::hex32;
use sha2::{Digest, Sha256};
use vault_protocol::Bundle;

pub(super) fn read(folder: &EvidenceFolder) -> Result<Manifest, String> {
    let manifest: Manifest = folder.read(MANIFEST)?;
    if manifest.kind != MANIFEST_TYPE {
        return Err(format!("{MANIFEST}: unknown type"));
    }
    Ok(manifest)
}

/// Check E1.
pub(super) fn check_covers(
    manifest: &Manifest,
    folder: &EvidenceFolder,
    bundle: &Bundle,
) -> Result<String, String> {
    let bytes = folder.get(MANIFEST).unwrap_or_default();
    if bytes != manifest.to_bytes() {
        return Err("the manifest is not in canonical form".into());
    }
    if manifest.digest() != bundle.evidence.digest {
        return Err(format!(
            "the manifest's digest is {}, signed was {}",
            manifest.digest(),
            bundle.evidence.digest
        ));
    }
    if (&manifest.namespace, manifest.fleet_id, manifest.epoch)
        != (&bundle.namespace, bundle.fleet_id, bundle.epoch)
    {
        return Err("the manifest is of another fleet or epoch".into());
    }
    for (path, digest) in &manifest.files {
        let file = folder.get(path).ok_or_else(|| format!("{path} is missing"))?;
        if hex32(digest) != Some(Sha256::digest(file).into()) {
            return Err(format!("{path} is not the file that the manifest names"));
        }
    }
    let unlisted =
        |path: &&String| !manifest.files.contains_key(*path) && !ATTACHED.contains(&path.as_str());
    match folder.files().keys().find(unlisted) {
        Some(path) => Err(format!("{path} is not in the manifest")),
        None => Ok(format!("{} files, manifest {}", manifest.files.len(), manifest.digest())),
    }
}

/// Check E10.
pub(super) fn check_sites(manifest: &Manifest, bundle: &Bundle) -> Result<String, String> {
    if manifest.sites.len() != bundle.sites.len() {
        return Err(format!("{} sites instead of {}", manifest.sites.len(), bundle.sites.len()));
    }
    for (ours, signed) in manifest.sites.iter().zip(&bundle.sites) {
        let serial = signed.device().map(|d| d.serial);
        let same = (ours.index, &ours.region, &ours.endpoint, Some(ours.serial))
            == (signed.index, &signed.region, &signed.endpoint, serial);
        if !same {
            return Err(format!("site {}: place, address or device differ", signed.index));
        }
    }
    Ok(format!("{} sites", bundle.sites.len()))
}

/// Check E11.
pub(super) fn check_build(build: &BuildInfo) -> Result<String, String> {
    let digest =
        hex32(&build.vault_server_sha256).ok_or("the program's digest is not 64 hex digits")?;
    if digest == [0; 32] || build.version.trim().is_empty() || build.source.trim().is_empty() {
        return Err("the program's digest, version or source is empty".into());
    }
    Ok(format!(
        "vault-server {} {} from {}",
        build.version, build.vault_server_sha256, build.source
    ))
}
