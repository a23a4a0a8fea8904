//! Can this fleet be trusted? Check by check.

use crate::clock::unix_now;
use crate::files::read_bounded;
use crate::fleet::{NotConnected, known_trusts, refused_report, report, try_connect};
use crate::model::FleetReport;
use crate::{AppError, Keepsake, Result};
use fleet_evidence::{BundleDocuments, Refused, Trust, verify_bundle};
use std::path::Path;
use vault_protocol::SignedBundle;
use vault_protocol::limits::MAX_BUNDLE;

/// Fetches and verifies a fleet's newest bundle. A fleet that is refused is a report, not an error.
pub async fn verify_fleet(keepsake: &Keepsake, fleet_url: &str) -> Result<FleetReport> {
    match try_connect(keepsake, fleet_url).await {
        Ok(connected) => Ok(report(&connected.url, &connected.verified)),
        Err(NotConnected::Refused(refused)) => Ok(refused_report(Some(fleet_url), &refused)),
        Err(NotConnected::Error(error)) => Err(error),
    }
}

/// The fleet that holds this computer's recovery code.
pub async fn verify_own_fleet(keepsake: &Keepsake) -> Result<FleetReport> {
    let slot = keepsake.account_slot()?.ok_or_else(AppError::not_enrolled)?;
    verify_fleet(keepsake, &slot.fleet_url).await
}

/// Verifies a signed bundle in a file: offline, and nothing is remembered. The trust document comes from a file, or
/// from the fleets that this computer knows.
pub async fn verify_bundle_file(keepsake: &Keepsake, bundle: &Path, trust: Option<&Path>) -> Result<FleetReport> {
    let signed = read(bundle)?;
    let trust = match trust {
        Some(path) => Trust::from_json(&read(path)?).map_err(|e| AppError::fleet_url(&e.to_string()))?,
        None => known_trust(keepsake, &signed)?,
    };
    match verify_bundle(&BundleDocuments::alone(&signed), &trust, None, unix_now()) {
        Ok(verified) => Ok(FleetReport { url: None, ..report("", &verified) }),
        Err(Refused(refused)) => Ok(refused_report(None, &refused)),
    }
}

fn known_trust(keepsake: &Keepsake, signed: &[u8]) -> Result<Trust> {
    let namespace = SignedBundle::from_json(signed).map(|s| s.bundle.namespace).ok();
    let fits = |trust: &Trust| namespace.as_ref().is_some_and(|n| n == trust.namespace());
    known_trusts(keepsake).into_iter().find(fits).ok_or_else(|| {
        AppError::new(
            "no_trust",
            "This computer does not know which keys this fleet must have.",
            "Nothing was trusted.",
            "Give the fleet's trust document with --trust FILE, or verify the fleet's address first.",
        )
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |why: String| {
        let happened = format!("{} cannot be read: {why}.", path.display());
        AppError::new("not_found", happened, "Nothing was changed.", "Check the path.")
    };
    read_bounded(path, MAX_BUNDLE as u64)
        .map_err(|e| failed(e.to_string()))?
        .ok_or_else(|| failed("it is not there".into()))
}
