//! Everything that makes serving safe, in its order, and then serving.

use super::bundles::Bundles;
use super::error::NodeError;
use super::reload::Reloader;
use super::timers;
use super::vitals::Vitals;
use crate::accounts::SqliteStore;
use crate::api::{self, Api};
use crate::audit::{Ledger, Prover, Statements, Subject};
use crate::config::Config;
use crate::device::{HsmDevice, Work};
use crate::doors::{Handshakes, Listener, Tls, raise_limit_of_open_files};
use crate::peers::{self, HttpPeers, tls};
use crate::site::ports::{Clock, DeviceFault, Randomness};
use crate::site::{Place, Ports, Site, SystemClock, SystemRandomness};
use crate::state_dir::{self, Owner};
use crate::webauthn;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use yubihsm_device::{ConnectorAddress, Identity, SiteDevice};

/// Requests that are under way may take this long when a site stops.
const GRACE: Duration = Duration::from_secs(10);
/// Open files that are not connections of clients: peers both ways, the store, the device.
const OTHER_FILES: u64 = 256;
/// Connections of peers: each sends a few requests side by side.
const PEER_CONNECTIONS: usize = 256;

/// Sockets of a site, bound before anything else starts.
pub struct Listeners {
    /// For clients.
    pub clients: TcpListener,
    /// For other sites.
    pub peers: TcpListener,
}

impl Listeners {
    /// # Errors
    /// [`NodeError::Listener`] names the address.
    pub fn bind(config: &Config) -> Result<Self, NodeError> {
        let bind = |address: SocketAddr| {
            TcpListener::bind(address)
                .map_err(|e| NodeError::Listener { address, reason: e.to_string() })
        };
        Ok(Self { clients: bind(config.listen)?, peers: bind(config.peer_listen)? })
    }
}

/// A running site.
pub struct Node {
    clients: Listener,
    /// None if the device's log does not go on: then only the reason is served.
    serving: Option<Serving>,
    store: SqliteStore,
}

struct Serving {
    api: Arc<Api>,
    peers: Listener,
    reloader: Reloader,
    timers: JoinSet<()>,
}

impl Node {
    /// Starts a site on its device.
    ///
    /// # Errors
    /// Anything that makes serving unsafe, except a log that does not go on: then the node runs,
    /// and says so to whoever asks.
    pub async fn start(
        config: &Config,
        port: Arc<dyn SiteDevice>,
        listeners: Listeners,
    ) -> Result<Self, NodeError> {
        let files = raise_limit_of_open_files();
        let bundles = Arc::new(Bundles::read(&config.bundles, config.site, config.sites())?);
        let store = open_store(config, &bundles)?;
        let ledger = Arc::new(Ledger::new(port.clone(), store.clone()));
        if let Some(anchor) = config.log_anchor {
            ledger.set_anchor(anchor).await?;
        }
        let tls = Tls::new(tls::public_server(&config.tls)?);
        let most = config
            .max_connections
            .min(usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX));
        let listen = |router| {
            let Listeners { clients, .. } = &listeners;
            let socket = clients.try_clone().map_err(|e| at(config.listen, &e))?;
            Listener::start(socket, tls.clone(), router, false, most, config.proxy.clone())
                .map_err(|e| at(config.listen, &e))
        };
        let (device, identity) = pin(port, config, &bundles, &ledger, &store).await?;
        if let Some(reason) = follow_log(&device, &ledger).await? {
            let router = api::refusing_router(config.site, bundles, reason);
            return Ok(Self { clients: listen(router)?, serving: None, store });
        }
        let api =
            start_site(config, &bundles, store.clone(), ledger, device.clone(), identity).await?;
        let clients = listen(api::router(api.0.clone()))?;
        let Started(api, http, prover) = api;
        let socket = listeners.peers.try_clone().map_err(|e| at(config.peer_listen, &e))?;
        let peer_tls = tls::peer_server(&config.peer_tls.identity(), &config.peer_tls.ca)?;
        let router = peers::router(api.site.clone());
        let peers =
            Listener::start(socket, Tls::new(peer_tls), router, true, PEER_CONNECTIONS, None)
                .map_err(|e| at(config.peer_listen, &e))?;
        let timers = timers::start(&api, &device, &prover);
        let reloader = Reloader {
            bundles,
            api: api.clone(),
            prover,
            http,
            clients_tls: clients.tls.clone(),
            peers_tls: peers.tls.clone(),
            site: config.site,
        };
        let bundle = api.bundles.newest_id();
        tracing::info!(site = %config.site, %bundle, listen = %config.listen, "serving");
        Ok(Self { clients, serving: Some(Serving { api, peers, reloader, timers }), store })
    }

    /// What serves; none if the site refuses to.
    pub fn api(&self) -> Option<&Arc<Api>> {
        self.serving.as_ref().map(|serving| &serving.api)
    }

    /// Takes certificates, bundles and limits from the configuration as it is now. What cannot be
    /// used leaves the former in its place, and is said in the log.
    pub fn reload(&self, config: &Config) {
        self.clients.set_proxy(config.proxy.clone());
        if let Some(serving) = &self.serving {
            serving.reloader.reload(config);
        }
    }

    /// Finishes what is under way, then stops.
    pub async fn stop(self) {
        self.clients.stop(GRACE).await;
        if let Some(mut serving) = self.serving {
            serving.peers.stop(GRACE).await;
            serving.timers.shutdown().await;
        }
        self.store.close().await;
    }
}

fn at(address: SocketAddr, error: &std::io::Error) -> NodeError {
    NodeError::Listener { address, reason: error.to_string() }
}

/// Whether the configured state directory is this site's, or may become it. Nothing is opened.
///
/// # Errors
/// [`NodeError::Bundle`], [`NodeError::StateDir`]
pub fn check_state(config: &Config) -> Result<(), NodeError> {
    let bundles = Bundles::read(&config.bundles, config.site, config.sites())?;
    let owner = owner(config, &bundles);
    Ok(state_dir::prepare(&config.state_dir, &owner, config.log_anchor.is_some())?)
}

fn owner(config: &Config, bundles: &Bundles) -> Owner {
    let newest = bundles.newest();
    Owner { fleet_id: newest.bundle.fleet_id, epoch: newest.bundle.keys_since(), site: config.site }
}

fn open_store(config: &Config, bundles: &Bundles) -> Result<SqliteStore, NodeError> {
    let owner = owner(config, bundles);
    state_dir::prepare(&config.state_dir, &owner, config.log_anchor.is_some())?;
    let path = config.state_dir.join(SqliteStore::FILE);
    let opened = SqliteStore::open(&config.state_dir);
    let store = opened.map_err(|error| NodeError::Store { path, error })?;
    state_dir::mark(&config.state_dir, &owner)?;
    Ok(store)
}

async fn pin(
    port: Arc<dyn SiteDevice>,
    config: &Config,
    bundles: &Bundles,
    ledger: &Arc<Ledger>,
    store: &SqliteStore,
) -> Result<(HsmDevice, Identity), NodeError> {
    let none = || DeviceFault::Refused("the bundle has no device for this site".into());
    let (_, pinned) = bundles.device(config.site).ok_or_else(none)?;
    let (ledger, store) = (ledger.clone(), store.clone());
    let task = tokio::task::spawn_blocking(move || {
        let identity = port.identity()?;
        let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
        Ok::<_, NodeError>((HsmDevice::pin(port, &pinned, ledger, store, randomness)?, identity))
    });
    task.await.map_err(|_| DeviceFault::Away("a device call was stopped".into()))?
}

/// Makes the device log something and reads its log, so that a disk that was set back, or is
/// another than before, shows at once. Gives the reason if the site must not serve.
async fn follow_log(device: &HsmDevice, ledger: &Ledger) -> Result<Option<String>, DeviceFault> {
    let start = vault_protocol::labelled("site-start", &[&SystemClock.now().to_be_bytes()]);
    let signed = device.run(Work::Signature, move |keys| keys.sign(&start)).await.map(|_| ());
    let followed = match signed {
        Ok(()) => ledger.drain().await,
        failed => failed,
    };
    match followed {
        Ok(()) => Ok(None),
        Err(DeviceFault::Broken(reason)) => Ok(Some(reason)),
        Err(fault) => Err(fault),
    }
}

struct Started(Arc<Api>, HttpPeers, Arc<Prover>);

async fn start_site(
    config: &Config,
    bundles: &Arc<Bundles>,
    store: SqliteStore,
    ledger: Arc<Ledger>,
    device: HsmDevice,
    identity: Identity,
) -> Result<Started, NodeError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
    let identity_files = config.peer_tls.identity();
    let peer_tls = tls::peer_client(&identity_files, &config.peer_tls.ca)?;
    let http = HttpPeers::new(peer_tls, &config.peers)?;
    let keys = bundles.keys();
    let subject =
        Subject { site: config.site, bundle: bundles.newest_id(), serial: identity.serial };
    let prover = Arc::new(Prover::new(
        subject,
        ledger.clone(),
        statements(config)?,
        device.clone(),
        store.clone(),
        clock.clone(),
    ));
    let vitals = Vitals::new(
        clock.clone(),
        store.clone(),
        &config.state_dir,
        &keys,
        config.site,
        tls::validity(&identity_files)?,
    );
    let place = Place { index: config.site, serial: identity.serial, keys, bundles: bundles.ids() };
    let ports = Ports {
        store,
        device: Arc::new(device),
        peers: Arc::new(http.clone()),
        clock: clock.clone(),
        randomness: randomness.clone(),
        passkeys: webauthn::verifier(),
        ledger: Some(prover.clone()),
    };
    let site = Site::start(place, ports).await?;
    let api = Api {
        site,
        bundles: bundles.clone(),
        identity,
        ledger,
        handshakes: Handshakes::new(clock, randomness),
        vitals: Arc::new(vitals),
        counts: Default::default(),
    };
    Ok(Started(Arc::new(api), http, prover))
}

fn statements(config: &Config) -> Result<Option<Statements>, NodeError> {
    let Some(files) = &config.hsm.statement else { return Ok(None) };
    let connector = ConnectorAddress::parse(&config.hsm.connector)?;
    Ok(Some(Statements::read(connector, &files.key_file, &files.device_chain)?))
}
