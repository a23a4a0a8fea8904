//! Can this fleet be trusted? Check by check.

use crate::fleet::{NotConnected, refused_report, report, try_connect};
use crate::model::FleetReport;
use crate::{AppError, Keepsake, Result};
use fleet_evidence::{BundleDocuments, Refused, Trust, verify_bundle};

/// Fetches and verifies a fleet's newest bundle. A fleet that is refused is a report, not an error.
pub async fn verify_fleet(keepsake: &Keepsake, fleet_url: &str) -> Result<FleetReport> {
    match try_connect(keepsake, fleet_url).await {
        Ok(connected) => Ok(report(&connected.url, &connected.verified)),
        Err(NotConnected::Refused(refused)) => Ok(refused_report(Some(fleet_url), &refused)),
        Err(NotConnected::Error(error)) => Err(error),
    }
}

/// Verifies a signed bundle from a file against a trust document from a file: offline, and nothing is remembered.
pub fn verify_bundle_file(bundle: &[u8], trust: &[u8], now: u64) -> Result<FleetReport> {
    let trust = Trust::from_json(trust).map_err(|e| AppError::fleet_url(&e.to_string()))?;
    match verify_bundle(&BundleDocuments::alone(bundle), &trust, None, now) {
        Ok(verified) => Ok(FleetReport { url: None, ..report("", &verified) }),
        Err(Refused(refused)) => Ok(refused_report(None, &refused)),
    }
}
