//! A site may serve a newer bundle than the publisher's copy: look, verify, switch.

use super::network::Web;
use super::visit::Visit;
use crate::Result;
use fleet_evidence::VerifiedBundle;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use std::time::Duration;
use vault_protocol::SignedBundle;
use vault_protocol::limits::MAX_BUNDLE;

/// Sites that have not answered by then are not waited for; the connections that were opened serve
/// the sessions to come.
const PATIENCE: Duration = Duration::from_millis(1500);

impl Visit<'_> {
    /// The newest bundle among the sites', if it verifies as a successor of `verified`. A site
    /// cannot turn a good fleet away: what does not verify is ignored here, and its sessions will
    /// say why they fail.
    pub(super) async fn newer_at_sites(
        &self,
        sites: &dyn Web,
        verified: &VerifiedBundle,
    ) -> Result<Option<VerifiedBundle>> {
        let Some(candidate) = newest_served(sites, verified).await else { return Ok(None) };
        let seen = verified.seen();
        let before = serde_json::to_vec(verified.signed()).expect("a signed bundle is plain data");
        let Ok(newer) = self.verify_successor(&candidate, before, &seen).await else {
            return Ok(None);
        };
        self.remember(Some(&seen), &newer)?;
        Ok(Some(newer))
    }
}

/// The signed bundle of the highest epoch above the verified one, as a majority of the sites
/// answers.
async fn newest_served(sites: &dyn Web, verified: &VerifiedBundle) -> Option<Vec<u8>> {
    let get = |endpoint: &str| {
        let url = format!("{}/v2/bundle", endpoint.trim_end_matches('/'));
        async move { sites.get(&url, MAX_BUNDLE).await.ok() }
    };
    let mut asked: FuturesUnordered<_> =
        verified.sites().iter().map(|site| get(&site.endpoint)).collect();
    let (mut answered, mut newest) = (0, None);
    let majority = usize::from(verified.threshold());
    let collect = async {
        while let Some(answer) = asked.next().await {
            let Some(bytes) = answer else { continue };
            answered += 1;
            newest = newer(newest.take(), verified.epoch(), bytes);
            if answered >= majority {
                break;
            }
        }
    };
    // Whatever came in by then counts.
    let _ = tokio::time::timeout(PATIENCE, collect).await;
    newest.map(|(_, bytes)| bytes)
}

fn newer(best: Option<(u64, Vec<u8>)>, known: u64, bytes: Vec<u8>) -> Option<(u64, Vec<u8>)> {
    let epoch = SignedBundle::from_json(&bytes).map_or(0, |signed| signed.bundle.epoch);
    if epoch > best.as_ref().map_or(known, |(epoch, _)| *epoch) {
        Some((epoch, bytes))
    } else {
        best
    }
}
