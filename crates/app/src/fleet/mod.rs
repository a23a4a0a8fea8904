//! Reaching a fleet: its pinned trust document, its newest bundle, verified before any session.

mod https;
mod memory;
mod report;

use crate::clock::unix_now;
use crate::{AppError, Keepsake, Result};
use fleet_evidence::log::{ConsistencyProof, LogProof, consistency_tiles, verify_checkpoint};
use fleet_evidence::{BundleDocuments, FleetUrl, Refused, Seen, SeenCheckpoint, Trust, VerifiedBundle, verify_bundle};
pub(crate) use https::Https;
use memory::FleetMemory;
pub(crate) use report::{refused_report, report, site as site_status};
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
    transport: Https,
}

impl Connected {
    pub fn fleet(&self) -> Fleet<'_> {
        Fleet::new(&self.verified, &self.transport)
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
pub(crate) async fn connect(keepsake: &Keepsake, url: &str) -> Result<Connected> {
    Ok(try_connect(keepsake, url).await?)
}

pub(crate) async fn try_connect(keepsake: &Keepsake, url: &str) -> std::result::Result<Connected, NotConnected> {
    let address = FleetUrl::parse(url).map_err(|e| AppError::fleet_url(&e.to_string()))?;
    let pin = address.pin.ok_or_else(AppError::fleet_not_pinned)?;
    let memory = FleetMemory::new(keepsake.home(), &pin);
    let web = Https::new(None)?;
    let trust = trust(&web, &address, &pin, &memory).await?;
    let seen = memory.seen()?;
    let (signed, served) = newest_bundle(&web, &address, &memory).await?;
    let documents =
        if served { gather(&web, &address, &trust, seen.as_ref(), &signed).await? } else { Gathered::default() };
    let supplied =
        BundleDocuments { signed: &signed, history: &documents.history, consistency: documents.consistency.as_ref() };
    let verified = verify_bundle(&supplied, &trust, seen.as_ref(), unix_now())
        .map_err(|Refused(report)| NotConnected::Refused(report))?;
    memory.remember(&trust, &verified)?;
    Ok(Connected { url: url.trim().to_string(), verified, transport: Https::new(trust.tls_ca())? })
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

/// Epoch and MOCK mark of a fleet as this computer remembers them; epoch 0 if it does not.
pub(crate) fn remembered_fleet(keepsake: &Keepsake, url: &str) -> Result<(u64, bool)> {
    let Some(pin) = FleetUrl::parse(url).ok().and_then(|u| u.pin) else { return Ok((0, false)) };
    let memory = FleetMemory::new(keepsake.home(), &pin);
    let mock = match memory.trust()? {
        Some(bytes) => Trust::from_pinned_json(&bytes, &pin).is_ok_and(|t| t.mock()),
        None => false,
    };
    Ok((memory.seen()?.map_or(0, |s| s.epoch), mock))
}

/// Trust documents of all fleets that this computer knows.
pub(crate) fn known_trusts(keepsake: &Keepsake) -> Vec<Trust> {
    let Ok(folders) = std::fs::read_dir(keepsake.home().join("fleets")) else { return vec![] };
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let bytes = crate::files::read_bounded(&entry.ok()?.path().join("trust.json"), MAX_BUNDLE as u64).ok()??;
        Trust::from_json(&bytes).ok()
    };
    folders.filter_map(read).collect()
}
