//! Everything that whoever holds a site has: the honest program on its disk, its device, its keys.

use anyhow::{Context, Result};
use std::net::TcpListener;
use std::sync::Arc;
use vault_server::api::Api;
use vault_server::config::Config;
use vault_server::device::HsmDevice;
use vault_server::node::{Listeners, Node};
use vault_server::own_device;
use vault_server::site::SystemRandomness;
use vault_server::site::ports::Randomness;
use vault_simulation::corrupt::{CorruptSite, Holdings};
use vault_simulation::front::Honest;
use yubihsm_device::SiteDevice;

/// The honest program, which nobody reaches but through the bad site.
pub(crate) struct Inside {
    pub config: Config,
    pub node: Node,
    pub api: Arc<Api>,
    pub site: CorruptSite,
}

pub(crate) async fn take(config: Config) -> Result<Inside> {
    let (device, config) = tokio::task::spawn_blocking(move || own_device::open(&config)).await??;
    let device: Arc<dyn SiteDevice> = Arc::new(device);
    let hidden = || TcpListener::bind("127.0.0.1:0");
    let listeners = Listeners { clients: hidden()?, peers: hidden()? };
    let node = Node::start(&config, device.clone(), listeners).await?;
    let api = node.api().context("the honest program refuses to serve")?.clone();
    let site = CorruptSite::new(holdings(&config, &api, device).await?).await?;
    Ok(Inside { config, node, api, site })
}

async fn holdings(config: &Config, api: &Arc<Api>, port: Arc<dyn SiteDevice>) -> Result<Holdings> {
    let (in_bundle, pinned) =
        api.bundles.device(config.site).context("the bundle has no such site")?;
    let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
    let ledger = api.ledger.clone();
    let store = api.site.store().clone();
    let chance = randomness.clone();
    let pin = move || HsmDevice::pin(port, &pinned, ledger, store, chance);
    let device = tokio::task::spawn_blocking(pin).await??;
    let bundles = api.bundles.ids();
    Ok(Holdings {
        index: config.site,
        keys: api.bundles.keys(),
        started: api.site.certificate().started,
        program: Arc::new(Honest { site: api.site.clone(), bundles: bundles.clone() }),
        device: Arc::new(device),
        session_key: in_bundle.session_key,
        bundles,
        randomness,
    })
}
