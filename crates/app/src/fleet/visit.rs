//! One look at what a fleet publishes: the newest bundle, verified against what this computer saw
//! before.

use super::memory::FleetMemory;
use super::network::{Unfetched, Web, ports};
use super::{Connected, NotConnected};
use crate::{AppError, Keepsake, Result};
use fleet_evidence::log::{ConsistencyProof, LogProof, consistency_tiles, verify_checkpoint};
use fleet_evidence::{
    BundleDocuments, FleetUrl, Refused, Seen, SeenCheckpoint, Trust, VerifiedBundle, verify_bundle,
};
use std::collections::BTreeMap;
use vault_protocol::SignedBundle;
use vault_protocol::limits::MAX_BUNDLE;

/// Hashes of one tile, 256 of 32 bytes; entries tiles are not fetched.
const MAX_TILE: usize = 256 * 32;
/// A client that was away longer than this many epochs has to be told by its operator what
/// happened.
const MAX_MISSED_EPOCHS: u64 = 1000;

pub(super) struct Visit<'a> {
    web: &'a dyn Web,
    address: &'a FleetUrl,
    trust: &'a Trust,
    memory: &'a FleetMemory,
    /// Unix seconds.
    now: u64,
}

/// Fetches and verifies the fleet's newest bundle, and remembers it.
pub(crate) async fn try_connect(
    keepsake: &Keepsake,
    url: &str,
) -> std::result::Result<Connected, NotConnected> {
    let address = FleetUrl::parse(url).map_err(|e| AppError::fleet_url(&e.to_string()))?;
    let pin = address.pin.ok_or_else(AppError::fleet_not_pinned)?;
    let memory = FleetMemory::new(keepsake.home(), &pin);
    let web = keepsake.network().reach(None)?;
    let trust = trust(&*web, &address, &pin, &memory).await?;
    let seen = memory.seen()?;
    let (signed, served) = newest_bundle(&*web, &address, &memory).await?;
    let visit = Visit {
        web: &*web,
        address: &address,
        trust: &trust,
        memory: &memory,
        now: keepsake.now(),
    };
    let verified = visit.verify(&signed, seen.as_ref(), served).await?;
    let sites = keepsake.network().reach(trust.tls_ca())?;
    visit.remember(seen.as_ref(), &verified)?;
    let newer = visit.newer_at_sites(&*sites, &verified).await?;
    let earlier = visit.earlier()?;
    let (verified, others) = match newer {
        Some(newer) => (newer, [verified].into_iter().chain(earlier).collect()),
        None => (verified, earlier.into_iter().collect()),
    };
    let ports = ports(keepsake.network(), sites.clone());
    let (url, base) = (url.trim().to_string(), address.base.clone());
    Ok(Connected {
        url,
        verified,
        others,
        trust,
        base,
        web,
        sites,
        ports,
        memory,
        clock: keepsake.clock(),
    })
}

impl Visit<'_> {
    /// Verifies a bundle against what was seen; with the publisher at hand, also that its log only
    /// grew.
    async fn verify(
        &self,
        signed: &[u8],
        seen: Option<&Seen>,
        served: bool,
    ) -> std::result::Result<VerifiedBundle, NotConnected> {
        let documents = if served {
            gather(self.web, self.address, self.trust, seen, signed).await?
        } else {
            Gathered::default()
        };
        self.judge(signed, documents, self.memory.bundle()?, seen)
    }

    /// Verifies what a site serves as the successor of a bundle that was just verified.
    pub(super) async fn verify_successor(
        &self,
        signed: &[u8],
        before: Vec<u8>,
        seen: &Seen,
    ) -> std::result::Result<VerifiedBundle, NotConnected> {
        let documents = gather(self.web, self.address, self.trust, Some(seen), signed).await?;
        self.judge(signed, documents, Some(before), Some(seen))
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
        let supplied = BundleDocuments {
            signed,
            history: &documents.history,
            consistency: documents.consistency.as_ref(),
        };
        verify_bundle(&supplied, self.trust, seen, self.now)
            .map_err(|Refused(report)| NotConnected::Refused(report))
    }

    pub(super) fn remember(&self, seen: Option<&Seen>, verified: &VerifiedBundle) -> Result<()> {
        let changed = seen.is_some_and(|seen| seen.epoch < verified.epoch());
        if changed {
            self.memory.notice(&verified.report().changes, self.now)?;
            self.memory.keep_earlier()?;
        }
        self.memory.remember(self.trust, verified)
    }

    /// The bundle that was the newest before: a site that has not changed over yet serves it alone.
    /// One that does not verify any more (its time is over) is left out.
    fn earlier(&self) -> Result<Option<VerifiedBundle>> {
        let Some((signed, seen)) = self.memory.earlier()? else { return Ok(None) };
        Ok(verify_bundle(&BundleDocuments::alone(&signed), self.trust, Some(&seen), self.now).ok())
    }
}

/// The pinned trust document; from memory when it was seen before, for the pin admits only one.
async fn trust(
    web: &dyn Web,
    address: &FleetUrl,
    pin: &[u8; 32],
    memory: &FleetMemory,
) -> Result<Trust> {
    let bytes = match memory.trust()? {
        Some(bytes) => bytes,
        None => {
            let url = format!("{}/trust.json", address.base);
            web.get(&url, MAX_BUNDLE)
                .await
                .map_err(|e| AppError::publisher_unreachable(&address.base, &e))?
        }
    };
    Trust::from_pinned_json(&bytes, pin).map_err(|e| AppError::fleet_url(&e.to_string()))
}

/// The newest bundle and whether it was served now: without the publisher, the remembered one is
/// still good.
async fn newest_bundle(
    web: &dyn Web,
    address: &FleetUrl,
    memory: &FleetMemory,
) -> Result<(Vec<u8>, bool)> {
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

/// Bundles of the epochs between, and the proof that the log only grew. A missing piece is reported
/// by its check.
async fn gather(
    web: &dyn Web,
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
    let unreachable = |e: Unfetched| AppError::publisher_unreachable(&address.base, &e);
    for epoch in missed {
        let url = format!("{}/bundles/{epoch}", address.base);
        gathered.history.push(web.get(&url, MAX_BUNDLE).await.map_err(unreachable)?);
    }
    if let Some(seen) = seen {
        gathered.consistency =
            consistency(web, address, trust, seen, &document).await.map_err(unreachable)?;
    }
    Ok(gathered)
}

async fn consistency(
    web: &dyn Web,
    address: &FleetUrl,
    trust: &Trust,
    seen: &Seen,
    document: &SignedBundle,
) -> std::result::Result<Option<ConsistencyProof>, Unfetched> {
    let proof = LogProof::parse(&document.log_proof);
    let Ok(checkpoint) =
        proof.and_then(|p| verify_checkpoint(p.checkpoint.as_bytes(), &trust.document().log_key))
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
