//! `GET /v2/health`: the same few numbers whatever the site holds.

use super::Api;
use crate::node::Bundles;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use vault_protocol::{BundleId, FleetId, SiteIndex};

/// What anyone may know about a site. No secrets, no accounts.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// Which site.
    pub site: SiteIndex,
    /// Its fleet.
    pub fleet_id: FleetId,
    /// Of the newest bundle that is served.
    pub epoch: u64,
    /// The newest that is served.
    pub bundle: BundleId,
    /// False: people are not served, for the reason given.
    pub serving: bool,
    /// Why people are not served.
    pub reason: Option<String>,
    /// Its device.
    pub device: Option<DeviceHealth>,
    /// The other sites.
    pub peers: Vec<PeerHealth>,
    /// Open sessions of clients.
    pub sessions: usize,
    /// Handshakes that wait for the device.
    pub waiting: usize,
    /// Entries of the device's log that are stored here.
    pub log_entries: Option<u64>,
    /// Number of the last of them.
    pub log_number: Option<u16>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DeviceHealth {
    pub serial: u32,
    pub firmware: String,
    pub mock: bool,
    pub answers: bool,
}

/// Another site, as this one sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerHealth {
    /// Which site.
    pub site: SiteIndex,
    /// It answered when it was last asked.
    pub in_touch: bool,
}

pub(super) async fn health(State(api): State<Arc<Api>>) -> Json<Health> {
    let newest = api.bundles.newest();
    let vitals = api.vitals.now();
    let reasons = match api.ledger.broken() {
        Some(broken) => vec![broken],
        None => vitals.reasons,
    };
    Json(Health {
        site: api.site.index(),
        fleet_id: newest.bundle.fleet_id,
        epoch: newest.bundle.epoch,
        bundle: newest.id,
        serving: reasons.is_empty(),
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        device: Some(DeviceHealth {
            serial: api.identity.serial,
            firmware: api.identity.firmware.clone(),
            mock: api.identity.mock,
            answers: vitals.device_answers,
        }),
        peers: vitals.peers,
        sessions: api.site.sessions(),
        waiting: api.handshakes.waiting(),
        log_entries: Some(vitals.log_entries),
        log_number: vitals.log_number,
    })
}

/// Of a site whose device's log does not go on.
pub(super) fn refusing(site: SiteIndex, bundles: &Bundles, reason: &str) -> Health {
    let newest = bundles.newest();
    Health {
        site,
        fleet_id: newest.bundle.fleet_id,
        epoch: newest.bundle.epoch,
        bundle: newest.id,
        serving: false,
        reason: Some(reason.into()),
        device: None,
        peers: vec![],
        sessions: 0,
        waiting: 0,
        log_entries: None,
        log_number: None,
    }
}
