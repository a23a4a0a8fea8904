//! Can this bundle be trusted? From files, as anyone may have saved or sent them.

use super::evidence::{Examined, examine, from_person, view};
use super::{Findings, fleet_report, known_trusts};
use crate::home::unix_now;
use crate::model::FleetReport;
use crate::{AppError, Keepsake, NextStep, Result};
use durable_files::read_if_there;
use fleet_evidence::log::ConsistencyProof;
use fleet_evidence::{BundleDocuments, Refused, Seen, Trust, verify_bundle};
use serde::Deserialize;
use specta::Type;
use std::path::{Path, PathBuf};
use vault_protocol::SignedBundle;
use vault_protocol::limits::MAX_BUNDLE;

/// Earlier bundles in a folder: far more epochs than a fleet has.
const MAX_HISTORY: usize = 4096;

/// A bundle in a file, and what there is to verify it with. Nothing is remembered.
#[derive(Clone, Debug, Default, Deserialize, Type)]
pub struct OfflineVerify {
    pub bundle: PathBuf,
    /// A trust document; else one of the fleets that this computer knows.
    pub trust: Option<PathBuf>,
    /// A folder or an address.
    pub evidence: Option<String>,
    /// A folder with the signed bundles of earlier epochs.
    pub history: Option<PathBuf>,
    /// What an earlier verification saw (`seen.json`).
    pub seen: Option<PathBuf>,
    /// Hashes (JSON list of hex) that lead from the log seen before to this one.
    pub consistency: Option<PathBuf>,
    /// Verify as of this time, unix seconds.
    pub at: Option<u64>,
}

/// Verifies a signed bundle in a file. Offline, unless the evidence is at an address.
pub async fn verify_bundle_file(
    keepsake: &Keepsake,
    request: &OfflineVerify,
) -> Result<FleetReport> {
    let now = request.at.unwrap_or_else(unix_now);
    let signed = read(&request.bundle)?;
    let trust = match &request.trust {
        Some(path) => {
            Trust::from_json(&read(path)?).map_err(|e| AppError::fleet_url(&e.to_string()))?
        }
        None => known_trust(keepsake, &signed)?,
    };
    let history = request.history.as_deref().map(bundles_in).transpose()?.unwrap_or_default();
    let seen: Option<Seen> = request.seen.as_deref().map(read_json).transpose()?;
    let consistency = request.consistency.as_deref().map(consistency).transpose()?;
    let found = Findings { trust: trust.id(), now, ..Findings::default() };
    let documents =
        BundleDocuments { signed: &signed, history: &history, consistency: consistency.as_ref() };
    let verified = match verify_bundle(&documents, &trust, seen.as_ref(), now) {
        Ok(verified) => verified,
        Err(Refused(refused)) => return Ok(fleet_report(&refused, found)),
    };
    let mut findings = Findings { bundle: Some(verified.bundle()), ..found };
    let Some(place) = &request.evidence else {
        return Ok(fleet_report(verified.report(), findings));
    };
    let supplied = from_person(&*keepsake.network().reach(None)?, place).await?;
    findings.evidence = Some(view(&supplied));
    Ok(match examine(&verified, &trust, &supplied, now) {
        Examined::Good(evidence) => fleet_report(evidence.report(), findings),
        Examined::Bad(refused) => fleet_report(&refused, findings),
    })
}

/// The trust document of the fleet that holds this computer's code; else the only one of this
/// namespace that is known. Two of one namespace are never chosen between: a backup from elsewhere
/// may have brought one of them here.
fn known_trust(keepsake: &Keepsake, signed: &[u8]) -> Result<Trust> {
    let namespace = SignedBundle::from_json(signed).map(|s| s.bundle.namespace).ok();
    let mut fitting = known_trusts(keepsake);
    fitting.retain(|trust| namespace.as_ref().is_some_and(|n| n == trust.namespace()));
    let own = keepsake
        .account_at()?
        .and_then(|at| fitting.iter().position(|t| t.id() == at.address.trust));
    match (own, fitting.len()) {
        (Some(at), _) => Ok(fitting.swap_remove(at)),
        (None, 1) => Ok(fitting.remove(0)),
        _ => Err(AppError::new(
            "no_trust",
            "This computer does not know for sure which keys this fleet must have.",
            "Nothing was trusted.",
            NextStep::GiveTrustDocument,
        )),
    }
}

fn bundles_in(dir: &Path) -> Result<Vec<Vec<u8>>> {
    let entries = std::fs::read_dir(dir).map_err(|e| unreadable(dir, &e))?;
    let paths = entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = paths.map_err(|e| unreadable(dir, &e))?;
    paths.sort();
    paths.iter().take(MAX_HISTORY).map(|path| read(path)).collect()
}

fn consistency(path: &Path) -> Result<ConsistencyProof> {
    let hashes: Vec<String> = read_json(path)?;
    let hash = |text: &String| {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map(|()| hash)
    };
    let hashes = hashes.iter().map(hash).collect::<std::result::Result<_, _>>();
    Ok(ConsistencyProof { hashes: hashes.map_err(|e| unreadable(path, &e))? })
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_slice(&read(path)?).map_err(|e| unreadable(path, &e))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    read_if_there(path, MAX_BUNDLE as u64)
        .map_err(|e| unreadable(path, &e))?
        .ok_or_else(|| unreadable(path, &"it is not there"))
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> AppError {
    let happened = format!("{} cannot be read: {why}.", path.display());
    AppError::new("not_found", happened, "Nothing was changed.", NextStep::CheckPath)
}
