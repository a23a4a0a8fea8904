//! Getting a fleet's published evidence: from its web server or from a folder, with bounds. Nothing
//! in it is believed.

use super::network::{Unfetched, Web};
use super::{Connected, EvidenceVerdict};
use crate::model::EvidenceView;
use crate::{AppError, NextStep, Result};
use durable_files::{Hidden, TreeLimits, read_bounded, read_tree};
use fleet_evidence::folder::{
    ANCHORS, EvidenceFolder, MANIFEST, MAX_ARCHIVE, MAX_DEPTH, MAX_FILE, MAX_FILES, MAX_FOLDER,
    Manifest, STATEMENTS,
};
use fleet_evidence::{Refused, Report, Trust, VerifiedBundle, VerifiedEvidence, verify_evidence};
use futures::{StreamExt, stream};
use std::collections::BTreeMap;
use std::path::Path;

/// Files that are fetched side by side.
const AT_ONCE: usize = 8;
/// A folder is read no further than any fleet's evidence goes.
const LIMITS: TreeLimits = TreeLimits {
    files: MAX_FILES,
    file: MAX_FILE,
    total: MAX_FOLDER,
    depth: MAX_DEPTH,
    hidden: Hidden::Read,
};

const NOTHING_SENT: &str = "No code was sent to this fleet. Your chats and backups are untouched.";

type Files = BTreeMap<String, Vec<u8>>;

/// Evidence and where it came from.
pub(crate) struct Supplied {
    pub folder: EvidenceFolder,
    pub source: String,
}

/// What came of examining evidence.
pub(crate) enum Examined {
    Good(Box<VerifiedEvidence>),
    Bad(Box<Report>),
}

/// Examines evidence for a verified bundle.
pub(crate) fn examine(
    verified: &VerifiedBundle,
    trust: &Trust,
    supplied: &Supplied,
    now: u64,
) -> Examined {
    match verify_evidence(verified, trust, &supplied.folder, now) {
        Ok(evidence) => Examined::Good(Box::new(evidence)),
        Err(Refused(report)) => Examined::Bad(report),
    }
}

/// From an address, a folder or a tar file that a person named.
pub(crate) async fn from_person(web: &dyn Web, place: &str) -> Result<Supplied> {
    if place.starts_with("http://") || place.starts_with("https://") {
        return fetch(web, place).await.map_err(|why| unavailable(place, &why));
    }
    let path = Path::new(place);
    if path.is_file() { read_archive(path) } else { read_folder(path) }
}

/// One tar file, read in memory.
fn read_archive(file: &Path) -> Result<Supplied> {
    let place = file.display().to_string();
    let bytes =
        read_bounded(file, MAX_ARCHIVE as u64).map_err(|e| unavailable(&place, &e.to_string()))?;
    let folder =
        EvidenceFolder::from_tar(&bytes).map_err(|e| unavailable(&place, &e.to_string()))?;
    Ok(Supplied { folder, source: place })
}

/// From where the signed bundle says it is published, else from beside the bundles.
///
/// # Errors
/// A sentence for a person: it is not available now.
pub(crate) async fn published(connected: &Connected) -> std::result::Result<Supplied, String> {
    let bundle = connected.verified.bundle();
    let beside = format!("{}/evidence/{}/", connected.base, bundle.epoch);
    match fetch(&*connected.web, &bundle.evidence.url).await {
        Ok(supplied) => Ok(supplied),
        Err(why) if same(&beside, &bundle.evidence.url) => Err(why),
        Err(_) => fetch(&*connected.web, &beside).await,
    }
}

fn same(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

/// The manifest, then every file that it names. A missing file is left out: the checks will miss
/// it.
async fn fetch(web: &dyn Web, url: &str) -> std::result::Result<Supplied, String> {
    let base = url.trim_end_matches('/');
    let manifest =
        web.get(&format!("{base}/{MANIFEST}"), MAX_FILE).await.map_err(|e| e.to_string())?;
    let paths = named(&manifest);
    let mut files: Files = BTreeMap::from([(MANIFEST.to_string(), manifest)]);
    let get =
        |path: String| async move { (web.get(&format!("{base}/{path}"), MAX_FILE).await, path) };
    let mut coming = stream::iter(paths).map(get).buffer_unordered(AT_ONCE);
    let mut total = files[MANIFEST].len();
    while let Some((got, path)) = coming.next().await {
        match got {
            Ok(bytes) => {
                total += bytes.len();
                files.insert(path, bytes);
            }
            Err(Unfetched::Status { status: 404, .. }) => {}
            Err(e) => return Err(format!("{path}: {e}")),
        }
        if total > MAX_FOLDER {
            return Err(format!("it is larger than {MAX_FOLDER} bytes"));
        }
    }
    let folder = EvidenceFolder::new(files).map_err(|e| e.to_string())?;
    Ok(Supplied { folder, source: url.to_string() })
}

/// Files that a manifest names and the two beside it; none if it is unreadable or names an unsafe
/// path, for then the checks refuse the manifest anyway.
fn named(manifest: &[u8]) -> Vec<String> {
    let Ok(manifest) = serde_json::from_slice::<Manifest>(manifest) else { return vec![] };
    let paths = manifest.files.into_keys().chain([ANCHORS.to_string(), STATEMENTS.to_string()]);
    let empty: Files = paths.map(|path| (path, vec![])).collect();
    EvidenceFolder::new(empty).map(|f| f.files().keys().cloned().collect()).unwrap_or_default()
}

pub(crate) fn read_folder(dir: &Path) -> Result<Supplied> {
    let place = dir.display().to_string();
    let files = read_tree(dir, &LIMITS).map_err(|e| unavailable(&place, &e.to_string()))?;
    let folder = EvidenceFolder::new(files).map_err(|e| unavailable(&place, &e.to_string()))?;
    Ok(Supplied { folder, source: place })
}

pub(crate) fn unavailable(place: &str, why: &str) -> AppError {
    AppError::new(
        "no_evidence",
        format!("The fleet's evidence could not be downloaded from {place}: {why}."),
        "Nothing was trusted and no code was sent.",
        NextStep::GetEvidenceElsewhere,
    )
}

/// Evidence that was examined, and refused.
pub(crate) fn refused(report: &Report) -> AppError {
    let failed: Vec<String> = report.failed().iter().map(ToString::to_string).collect();
    AppError::new(
        "evidence_refused",
        format!("{} (failed: {})", report.verdict.sentence, failed.join(", ")),
        NOTHING_SENT,
        NextStep::AskAuditor,
    )
}

/// A verdict of an earlier time.
pub(crate) fn refused_before(verdict: &EvidenceVerdict) -> AppError {
    AppError::new(
        "evidence_refused",
        format!("{} (failed: {})", verdict.sentence, verdict.failed.join(", ")),
        NOTHING_SENT,
        NextStep::VerifyFleetAgain,
    )
}

/// As a report shows where evidence came from.
pub(super) fn view(supplied: &Supplied) -> EvidenceView {
    let files = u32::try_from(supplied.folder.files().len()).unwrap_or(u32::MAX);
    EvidenceView { source: supplied.source.clone(), files, problem: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_with_an_unsafe_path_leads_to_no_request() {
        let manifest = |path: &str| {
            serde_json::json!({"type": "keepsake/evidence-manifest/v1", "namespace": "n", "fleet_id": "00".repeat(16),
                "epoch": 1, "created_at": 1, "mock": true, "sites": [], "fleet_key_made_on": 1, "files": {path: "00"}})
        };
        let paths = |path| named(manifest(path).to_string().as_bytes());
        assert_eq!(paths("build.json"), ["anchors.json", "build.json", "statements.json"]);
        for unsafe_path in
            ["../../etc/passwd", "/etc/passwd", "a//b", "a?b", "http://elsewhere/x", ".hidden"]
        {
            assert!(paths(unsafe_path).is_empty(), "{unsafe_path}");
        }
    }

    #[test]
    fn a_link_in_a_folder_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("manifest.json"), "{}").unwrap();
        assert!(read_folder(dir.path()).is_ok());
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("build.json")).unwrap();
        assert_eq!(read_folder(dir.path()).err().unwrap().code, "no_evidence");
    }
}
