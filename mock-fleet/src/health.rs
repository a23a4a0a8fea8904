//! What a site says of itself: `GET /v2/health`, over TLS with the fleet's own root.

use crate::FleetFolder;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// A site on this computer answers in milliseconds; one that is hung never does.
const PATIENCE: Duration = Duration::from_secs(2);

/// An answer of a site.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    pub serving: bool,
    /// All of it.
    pub answer: Value,
}

impl Health {
    /// `None` if the site does not answer.
    pub(crate) fn of(fleet: &FleetFolder, site: u8) -> Option<Self> {
        let url = format!("{}/v2/health", fleet.endpoint(site));
        let ca = fleet.path("tls/ca.pem");
        // A thread of its own: the caller may have a runtime, in which another cannot be started.
        let answer = std::thread::scope(|scope| scope.spawn(|| get(&url, &ca)).join().ok()?)?;
        Some(Self { serving: answer["serving"] == true, answer })
    }
}

fn get(url: &str, ca: &Path) -> Option<Value> {
    // A second call finds the provider already there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = reqwest::Certificate::from_pem(&std::fs::read(ca).ok()?).ok()?;
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().tls_certs_only([root]);
    let client = client.build().ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let body = runtime.block_on(async { client.get(url).send().await.ok()?.bytes().await.ok() })?;
    serde_json::from_slice(&body).ok()
}
