//! Fleets: reached by their pinned trust document, verified before any session, and shown to the
//! person.

mod evidence;
mod history;
mod https;
mod internet;
mod known_fleets;
mod link;
mod live;
mod memory;
mod network;
mod newer;
mod pin;
mod remembered;
mod report;
mod save_report;
mod verify_bundle_file;
mod verify_fleet;
mod visit;

use crate::{AppError, Clock, Keepsake, Result};
use fleet_evidence::{Trust, VerifiedBundle};
use memory::FleetMemory;
use std::sync::Arc;
use vault_client::{Fleet, Ports};
use vault_protocol::limits::MAX_BUNDLE;

pub use history::fleet_history;
pub(crate) use internet::Internet;
pub use known_fleets::known_fleets;
pub use link::fleet_of_link;
pub(crate) use memory::EvidenceVerdict;
pub use network::{Network, Unfetched, Web};
pub use pin::{FleetFingerprint, FleetPin};
pub(crate) use pin::{is_own, pinned, same_fleet};
pub(crate) use remembered::{is_known, known_trusts, remembered_fleet};
pub(crate) use report::site as site_status;
use report::{Findings, fleet_report};
pub use save_report::save_fleet_report;
pub use verify_bundle_file::{OfflineVerify, verify_bundle_file};
pub use verify_fleet::{
    VerifyOptions, explain_check, verify_fleet, verify_fleet_with, verify_own_fleet,
};
pub(crate) use visit::try_connect;

/// A fleet whose bundle was verified, and the way to its sites.
pub(crate) struct Connected {
    pub url: String,
    /// The newest.
    pub verified: VerifiedBundle,
    /// Further ones that were verified: while a fleet changes over, some of its sites serve these.
    others: Vec<VerifiedBundle>,
    pub trust: Trust,
    /// Where bundles and evidence are published.
    base: String,
    web: Arc<dyn Web>,
    sites: Arc<dyn Web>,
    ports: Ports,
    pub memory: FleetMemory,
    pub clock: Arc<dyn Clock>,
}

impl Connected {
    pub(crate) fn fleet(&self) -> Fleet {
        Fleet::new(&self.verified, &self.others, self.ports.clone())
    }

    /// Number of the fleet's sites.
    pub(crate) fn sites(&self) -> u8 {
        u8::try_from(self.verified.bundle().sites.len()).unwrap_or(u8::MAX)
    }

    /// Fetches `/bundles/<epoch>`.
    pub(crate) async fn published_bundle(&self, epoch: u64) -> Result<Vec<u8>> {
        let url = format!("{}/bundles/{epoch}", self.base);
        self.web
            .get(&url, MAX_BUNDLE)
            .await
            .map_err(|e| AppError::publisher_unreachable(&self.base, &e))
    }
}

/// Why a fleet is not used: it could not be asked, or its bundle was refused.
pub(crate) enum NotConnected {
    Error(AppError),
    Refused(Box<fleet_evidence::Report>),
}

impl From<AppError> for NotConnected {
    fn from(error: AppError) -> Self {
        Self::Error(error)
    }
}

impl From<NotConnected> for AppError {
    fn from(not: NotConnected) -> Self {
        match not {
            NotConnected::Error(error) => error,
            NotConnected::Refused(report) => AppError::fleet_refused(&report),
        }
    }
}

/// Fetches and verifies the fleet's newest bundle, remembers it, and gives the way to its sites.
/// Refuses a fleet whose evidence this computer found wrong. Enough for what needs no secret:
/// looking, and what an owner signs.
pub(crate) async fn connect(keepsake: &Keepsake, url: &str) -> Result<Connected> {
    let connected = try_connect(keepsake, url).await?;
    match connected.memory.evidence()? {
        Some(verdict)
            if verdict.bundle == connected.verified.id() && !verdict.failed.is_empty() =>
        {
            Err(evidence::refused_before(&verdict))
        }
        _ => Ok(connected),
    }
}

/// As [`connect`], and the published evidence must be good: before a code is tried or a passkey
/// asked.
pub(crate) async fn connect_examined(keepsake: &Keepsake, url: &str) -> Result<Connected> {
    let connected = try_connect(keepsake, url).await?;
    let good = |v: &EvidenceVerdict| v.bundle == connected.verified.id() && v.failed.is_empty();
    if connected.memory.evidence()?.as_ref().is_some_and(good) {
        return Ok(connected);
    }
    let place = &connected.verified.bundle().evidence.url;
    let supplied =
        evidence::published(&connected).await.map_err(|why| evidence::unavailable(place, &why))?;
    match examine_published(&connected, &supplied)? {
        evidence::Examined::Good(_) => Ok(connected),
        evidence::Examined::Bad(report) => Err(evidence::refused(&report)),
    }
}

/// Examines published evidence and remembers the verdict: until it is good, [`connect`] refuses.
pub(crate) fn examine_published(
    connected: &Connected,
    supplied: &evidence::Supplied,
) -> Result<evidence::Examined> {
    let now = connected.clock.unix_now();
    let examined = evidence::examine(&connected.verified, &connected.trust, supplied, now);
    let report = match &examined {
        evidence::Examined::Good(evidence) => evidence.report(),
        evidence::Examined::Bad(report) => report,
    };
    connected.memory.remember_evidence(&EvidenceVerdict {
        bundle: connected.verified.id(),
        failed: report.failed().iter().map(ToString::to_string).collect(),
        sentence: report.verdict.sentence.clone(),
        at: now,
    })?;
    Ok(examined)
}
