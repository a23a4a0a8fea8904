//! Reaching a fleet: its pinned trust document, its newest bundle, verified before any session.

pub(crate) mod evidence;
mod https;
pub(crate) mod live;
mod memory;
mod newer;
mod remembered;
mod report;

use crate::clock::unix_now;
use crate::{AppError, Keepsake, Result};
use fleet_evidence::log::{ConsistencyProof, LogProof, consistency_tiles, verify_checkpoint};
use fleet_evidence::{BundleDocuments, FleetUrl, Refused, Seen, SeenCheckpoint, Trust, VerifiedBundle, verify_bundle};
pub(crate) use https::Https;
pub(crate) use memory::EvidenceVerdict;
use memory::FleetMemory;
pub(crate) use remembered::{known_trusts, remembered_fleet};
pub(crate) use report::{Findings, fleet_report, site as site_status};
use std::collections::BTreeMap;
use vault_client::{Fleet, TransportError};
use vault_protocol::SignedBundle;
use vault_protocol::limits::MAX_BUNDLE;

/// Hashes of one tile, 256 of 32 bytes; entries tiles are not fetched.
const MAX_TILE: usize = 256 * 32;
/// A client that was away longer than this many epochs has to be told by its operator what happened.
const MAX_MISSED_EPOCHS: u64 = 1000;

/// A fleet whose bundle was verified, and the way to its sites.
pub(crate) struct Connected {
    pub url: String,
    pub verified: VerifiedBundle,
    pub trust: Trust,
    /// Where bundles and evidence are published.
    base: String,
    web: Https,
    transport: Https,
    pub memory: FleetMemory,
}

impl Connected {
    pub fn fleet(&self) -> Fleet<'_> {
        Fleet::new(&self.verified, &self.transport)
    }

    /// Fetches `/bundles/<epoch>`.
    pub async fn published_bundle(&self, epoch: u64) -> Result<Vec<u8>> {
        let url = format!("{}/bundles/{epoch}", self.base);
        self.web.get(&url, MAX_BUNDLE).await.map_err(|e| AppError::publisher_unreachable(&self.base, &e))
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

/// Fetches and verifies the fleet's newest bundle, remembers it, and gives the way to its sites. Refuses a fleet whose
/// evidence this computer found wrong.
pub(crate) async fn connect(keepsake: &Keepsake, url: &str) -> Result<Connected> {
    let connected = try_connect(keepsake, url).await?;
    match connected.memory.evidence()? {
        Some(verdict) if verdict.bundle == connected.verified.id() && !verdict.failed.is_empty() => Err(AppError::new(
            "evidence_refused",
            format!("{} (failed: {})", verdict.sentence, verdict.failed.join(", ")),
            "No code was sent to this fleet. Your chats and backups are untouched.",
            "Verify the fleet again (Fleet page, or `keepsake fleet verify --bundle URL`). If it still fails, ask the auditor.",
        )),
        _ => Ok(connected),
    }
}

/// As [`connect`], and the published evidence must be good: for a person who is about to entrust a code to the fleet.
pub(crate) async fn connect_examined(keepsake: &Keepsake, url: &str) -> Result<Connected> {
    let connected = try_connect(keepsake, url).await?;
    let good = |v: &EvidenceVerdict| v.bundle == connected.verified.id() && v.failed.is_empty();
    if connected.memory.evidence()?.as_ref().is_some_and(good) {
        return Ok(connected);
    }
    let place = &connected.verified.bundle().evidence.url;
    let supplied = evidence::published(&connected).await.map_err(|why| evidence::unavailable(place, &why))?;
    match examine_published(&connected, &supplied)? {
        evidence::Examined::Good(_) => Ok(connected),
        evidence::Examined::Bad(report) => Err(evidence::refused(&report)),
    }
}

/// Examines published evidence and remembers the verdict: until it is good, [`connect`] refuses.
pub(crate) fn examine_published(connected: &Connected, supplied: &evidence::Supplied) -> Result<evidence::Examined> {
    let now = unix_now();
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

pub(crate) async fn try_connect(keepsake: &Keepsake, url: &str) -> std::result::Result<Connected, NotConnected> {
    let address = FleetUrl::parse(url).map_err(|e| AppError::fleet_url(&e.to_string()))?;
    let pin = address.pin.ok_or_else(AppError::fleet_not_pinned)?;
    let memory = FleetMemory::new(keepsake.home(), &pin);
    let web = Https::new(None)?;
    let trust = trust(&web, &address, &pin, &memory).await?;
    let seen = memory.seen()?;
    let (signed, served) = newest_bundle(&web, &address, &memory).await?;
    let visit = Visit { web: &web, address: &address, trust: &trust, memory: &memory };
    let verified = visit.verify(&signed, seen.as_ref(), served).await?;
    let transport = Https::new(trust.tls_ca())?;
    visit.remember(seen.as_ref(), &verified)?;
    let verified = visit.newer_at_sites(&transport, verified).await?;
    let (url, base) = (url.trim().to_string(), address.base.clone());
    Ok(Connected { url, verified, trust, base, web, transport, memory })
}

/// One look at what a fleet publishes.
struct Visit<'a> {
    web: &'a Https,
    address: &'a FleetUrl,
    trust: &'a Trust,
    memory: &'a FleetMemory,
}

impl Visit<'_> {
    /// Verifies a bundle against what was seen; with the publisher at hand, also that its log only grew.
    async fn verify(
        &self,
        signed: &[u8],
        seen: Option<&Seen>,
        served: bool,
    ) -> std::result::Result<VerifiedBundle, NotConnected> {
        let documents =
            if served { gather(self.web, self.address, self.trust, seen, signed).await? } else { Gathered::default() };
        self.judge(signed, documents, self.memory.bundle()?, seen)
    }

    /// Verifies what a site serves as the successor of a bundle that was just verified.
    async fn verify_successor(
        &self,
        signed: &[u8],
        held: Vec<u8>,
        seen: &Seen,
    ) -> std::result::Result<VerifiedBundle, NotConnected> {
        let documents = gather(self.web, self.address, self.trust, Some(seen), signed).await?;
        self.judge(signed, documents, Some(held), Some(seen))
    }

    /// `current` was the newest so far: with it, the report says what changed since.
    fn judge(
        &self,
        signed: &[u8],
        mut documents: Gathered,
        current: Option<Vec<u8>>,
        seen: Option<&Seen>,
    ) -> std::result::Result<VerifiedBundle, NotConnected> {
        documents.history.extend(current);
        let supplied =
            BundleDocuments { signed, history: &documents.history, consistency: documents.consistency.as_ref() };
        verify_bundle(&supplied, self.trust, seen, unix_now()).map_err(|Refused(report)| NotConnected::Refused(report))
    }

    fn remember(&self, seen: Option<&Seen>, verified: &VerifiedBundle) -> Result<()> {
        let changed = seen.is_some_and(|seen| seen.epoch < verified.epoch());
        if changed {
            self.memory.notice(&verified.report().changes, unix_now())?;
        }
        self.memory.remember(self.trust, verified)
    }
}

/// The pinned trust document; from memory when it was seen before, for the pin admits only one.
async fn trust(web: &Https, address: &FleetUrl, pin: &[u8; 32], memory: &FleetMemory) -> Result<Trust> {
    let bytes = match memory.trust()? {
        Some(bytes) => bytes,
        None => {
            let url = format!("{}/trust.json", address.base);
            web.get(&url, MAX_BUNDLE).await.map_err(|e| AppError::publisher_unreachable(&address.base, &e))?
        }
    };
    Trust::from_pinned_json(&bytes, pin).map_err(|e| AppError::fleet_url(&e.to_string()))
}

/// The newest bundle and whether it was served now: without the publisher, the remembered one is still good.
async fn newest_bundle(web: &Https, address: &FleetUrl, memory: &FleetMemory) -> Result<(Vec<u8>, bool)> {
    match web.get(&format!("{}/bundles/latest", address.base), MAX_BUNDLE).await {
        Ok(bytes) => Ok((bytes, true)),
        Err(error) => match memory.bundle()? {
            Some(bytes) => Ok((bytes, false)),
            None => Err(AppError::publisher_unreachable(&address.base, &error)),
        },
    }
}

#[derive(Default)]
struct Gathered {
    history: Vec<Vec<u8>>,
    consistency: Option<ConsistencyProof>,
}

/// Bundles of the epochs between, and the proof that the log only grew. What is not to be had is left to the checks.
async fn gather(
    web: &Https,
    address: &FleetUrl,
    trust: &Trust,
    seen: Option<&Seen>,
    signed: &[u8],
) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    let Ok(document) = SignedBundle::from_json(signed) else { return Ok(gathered) };
    let known = seen.map_or(0, |s| s.epoch);
    let missed = known + 1..document.bundle.epoch;
    if missed.end.saturating_sub(missed.start) > MAX_MISSED_EPOCHS {
        return Err(AppError::fleet_url("the fleet names an epoch too far ahead"));
    }
    let unreachable = |e: TransportError| AppError::publisher_unreachable(&address.base, &e);
    for epoch in missed {
        let url = format!("{}/bundles/{epoch}", address.base);
        gathered.history.push(web.get(&url, MAX_BUNDLE).await.map_err(unreachable)?);
    }
    if let Some(seen) = seen {
        gathered.consistency = consistency(web, address, trust, seen, &document).await.map_err(unreachable)?;
    }
    Ok(gathered)
}

async fn consistency(
    web: &Https,
    address: &FleetUrl,
    trust: &Trust,
    seen: &Seen,
    document: &SignedBundle,
) -> std::result::Result<Option<ConsistencyProof>, TransportError> {
    let proof = LogProof::parse(&document.log_proof);
    let Ok(checkpoint) = proof.and_then(|p| verify_checkpoint(p.checkpoint.as_bytes(), &trust.document().log_key))
    else {
        return Ok(None);
    };
    let new = SeenCheckpoint { size: checkpoint.size(), root: checkpoint.root() };
    let mut tiles = BTreeMap::new();
    for path in consistency_tiles(seen.checkpoint.size, new.size) {
        let bytes = web.get(&format!("{}/{path}", address.base), MAX_TILE).await?;
        tiles.insert(path, bytes);
    }
    Ok(ConsistencyProof::from_tiles(seen.checkpoint.size, new, &tiles).ok())
}
