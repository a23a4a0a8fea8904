//! Every epoch of a fleet, from the first, as the verified chain shows it.

use super::{Connected, connect};
use crate::model::{EpochView, FleetHistory};
use crate::{AppError, Keepsake, Result};
use fleet_evidence::{BundleDocuments, EpochChange, Refused, verify_bundle};
use vault_protocol::SignedBundle;

/// Fetches every epoch's bundle and verifies the whole chain.
pub async fn fleet_history(keepsake: &Keepsake, fleet_url: &str) -> Result<FleetHistory> {
    let connected = connect(keepsake, fleet_url).await?;
    let mut documents = vec![];
    for epoch in 1..connected.verified.epoch() {
        documents.push(connected.published_bundle(epoch).await?);
    }
    let newest =
        serde_json::to_vec(connected.verified.signed()).expect("a signed bundle is plain data");
    let supplied = BundleDocuments { signed: &newest, history: &documents, consistency: None };
    let verified = verify_bundle(&supplied, &connected.trust, None, keepsake.now())
        .map_err(|Refused(report)| AppError::fleet_refused(&report))?;
    documents.push(newest);
    let changes = &verified.report().changes;
    let epochs =
        documents.iter().map(|bytes| view(&connected, bytes, changes)).collect::<Result<_>>()?;
    let bundle = verified.bundle();
    Ok(FleetHistory {
        url: connected.url.clone(),
        namespace: bundle.namespace.clone(),
        fleet_id: bundle.fleet_id.to_string(),
        mock: verified.mock(),
        epochs,
    })
}

fn view(connected: &Connected, bytes: &[u8], changes: &[EpochChange]) -> Result<EpochView> {
    let signed = SignedBundle::from_json(bytes).map_err(|e| AppError::fleet_url(&e.to_string()))?;
    let bundle = signed.bundle;
    // The chain was verified: a document of another id than the chain's is not shown.
    let seen = connected.verified.seen();
    if seen.bundle_at(bundle.epoch) != Some(bundle.id()) {
        return Err(AppError::fleet_url(
            "a published bundle is not the one in the fleet's history",
        ));
    }
    let change = changes.iter().find(|c| c.to_epoch == bundle.epoch);
    Ok(EpochView {
        epoch: bundle.epoch,
        bundle: bundle.id().to_string(),
        signed_at: signed.auditor.timestamp,
        not_before: bundle.not_before,
        not_after: bundle.not_after,
        sites: u8::try_from(bundle.sites.len()).unwrap_or(u8::MAX),
        threshold: bundle.threshold,
        keys_since: bundle.keys_since(),
        revoked: connected.verified.bundle().revoked_epochs.contains(&bundle.epoch),
        changes: change.map(EpochChange::sentences).unwrap_or_default(),
    })
}
