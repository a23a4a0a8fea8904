//! `GET /v1/health`

use super::Site;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use vault_protocol::{BundleId, FleetId, SiteIndex};

/// What anyone may know about a site. No secrets, no accounts.
#[derive(Serialize)]
pub struct Health {
    site: SiteIndex,
    fleet_id: FleetId,
    epoch: u64,
    bundle: BundleId,
    /// False: every request is refused, for the reason given.
    serving: bool,
    reason: Option<String>,
    leader: Option<u64>,
    applied: Option<u64>,
    sessions: usize,
    serial: u32,
    firmware: String,
    mock: bool,
    log_entries: u64,
    log_number: Option<u16>,
}

pub async fn health(State(site): State<Arc<Site>>) -> Json<Health> {
    let (leader, applied) = site.cluster.view();
    let reason = site.ledger.broken();
    Json(Health {
        site: site.index,
        fleet_id: site.keys.fleet_id,
        epoch: site.epoch,
        bundle: site.bundle_id,
        serving: reason.is_none(),
        reason,
        leader,
        applied,
        sessions: site.sessions.len(),
        serial: site.identity.serial,
        firmware: site.identity.firmware.clone(),
        mock: site.identity.mock,
        log_entries: site.local.counters().await.map_or(0, |c| c.entries),
        log_number: site.local.log_head().await.ok().flatten().map(|h| h.number),
    })
}
