//! How a fleet is, for a program and for a person.

use crate::health::Health;
use crate::services::{AUDITOR, server};
use crate::{FleetFolder, REGIONS};
use serde::Serialize;
use serde_json::Value;

/// How a fleet is.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Always true.
    pub mock: bool,
    /// Empty before the fleet was made whole.
    pub fleet_url: String,
    pub auditor_running: bool,
    pub sites: Vec<SiteStatus>,
}

/// How a site is.
#[derive(Clone, Debug, Serialize)]
pub struct SiteStatus {
    pub index: u8,
    pub running: bool,
    pub endpoint: String,
    /// Of its MOCK device.
    pub serial: u32,
    /// The fault that was inflicted on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// What it answers; null if it does not.
    pub health: Value,
}

impl FleetFolder {
    /// Asks every site.
    pub fn status(&self) -> Status {
        Status {
            mock: true,
            fleet_url: self.url().unwrap_or_default(),
            auditor_running: self.processes().runs(AUDITOR),
            sites: (1..=self.sites).map(|site| self.site_status(site)).collect(),
        }
    }

    fn site_status(&self, index: u8) -> SiteStatus {
        let running = self.processes().runs(&server(index));
        let health = if running { Health::of(self, index) } else { None };
        SiteStatus {
            index,
            running,
            endpoint: self.endpoint(index),
            serial: Self::serial(index),
            fault: self.fault(index),
            health: health.map_or(Value::Null, |health| health.answer),
        }
    }

    /// A page for a person.
    pub fn status_text(&self) -> String {
        let status = self.status();
        let mut text: String = status.sites.iter().map(SiteStatus::line).collect();
        let auditor = if status.auditor_running { "up" } else { "down" };
        text += &format!("auditor  http://127.0.0.1:{}  {auditor}\n", self.ports.auditor());
        text += "MOCK fleet: emulated devices, for development and tests only\n";
        let url = if status.fleet_url.is_empty() { "none" } else { &status.fleet_url };
        text + &format!("fleet URL: {url}\n")
    }
}

impl SiteStatus {
    fn line(&self) -> String {
        let region = REGIONS[usize::from(self.index) - 1];
        let state = match (self.running, &self.health) {
            (false, _) => "down".to_string(),
            (true, Value::Null) => "no answer".to_string(),
            (true, health) => format!("serving: {}", health["serving"]),
        };
        let fault = self.fault.as_ref().map(|f| format!("  MOCK fault: {f}")).unwrap_or_default();
        format!(
            "site {}  {region}  {}  MOCK device {}  {state}{fault}\n",
            self.index, self.endpoint, self.serial
        )
    }
}
