//! A site from start to stop.

use crate::api::{self, Limits, Sessions, Site, Statements, now};
use crate::audit::Ledger;
use crate::config::Config;
use crate::consensus::{Cluster, ClusterError, Membership, tls};
use crate::database::StoreError;
use crate::device::{Device, DeviceFault, PinnedKeys, Work};
use crate::hsm::{HsmError, Identity, SiteDevice};
use crate::local::Local;
use crate::state_dir::{self, Owner, StateDirError};
use crate::upkeep;
use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use vault_protocol::{BundleId, SignedBundle, limits::MAX_BUNDLE};
use vault_state::FleetKeys;

/// Requests that are under way may take this long when a site stops.
const GRACE: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error("bundle {path}: {reason}")]
    Bundle { path: PathBuf, reason: String },
    #[error("listener: {0}")]
    Listener(#[from] std::io::Error),
    #[error("device: {0}")]
    Hsm(#[from] HsmError),
    #[error("device: {0}")]
    Device(#[from] DeviceFault),
    #[error("state directory: {0}")]
    StateDir(#[from] StateDirError),
    #[error("the site's own file: {0}")]
    Store(#[from] StoreError),
    #[error("consensus: {0}")]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error("consensus stopped: {0}")]
    Stopped(String),
}

/// Sockets of a site, bound before anything else starts.
pub struct Listeners {
    pub clients: TcpListener,
    pub peers: TcpListener,
}

impl Listeners {
    pub fn bind(config: &Config) -> Result<Self, NodeError> {
        Ok(Self { clients: TcpListener::bind(config.listen)?, peers: TcpListener::bind(config.peer_listen)? })
    }
}

/// Whether the configured state directory is this site's, or may become it. Nothing is opened.
pub(crate) fn check_state(config: &Config) -> Result<(), NodeError> {
    let bundle = Bundle::read(config)?;
    let owner = Owner { fleet_id: bundle.keys.fleet_id, epoch: bundle.keys.epoch, site: config.site };
    Ok(state_dir::check(&config.state_dir, &owner, config.fresh)?)
}

/// A running site.
pub struct Node {
    api: Handle<SocketAddr>,
    /// None if the device's log does not continue: then only the reason is served.
    serving: Option<(Arc<Site>, JoinSet<()>)>,
}

impl Node {
    /// Starts a site on its device.
    ///
    /// # Errors
    /// Anything that makes serving unsafe, except a broken audit chain: then the node runs, and says so to whoever asks.
    pub async fn start(config: &Config, port: Arc<dyn SiteDevice>, listeners: Listeners) -> Result<Self, NodeError> {
        let bundle = Bundle::read(config)?;
        let owner = Owner { fleet_id: bundle.keys.fleet_id, epoch: bundle.keys.epoch, site: config.site };
        state_dir::check(&config.state_dir, &owner, config.fresh)?;
        let local = Local::open(&config.state_dir)?;
        if let Some(anchor) = config.log_anchor {
            local.set_anchor(anchor).await?;
        }
        let ledger = Arc::new(Ledger::new(port.clone(), local.clone()));
        let (device, identity) = pin(port, &bundle.pinned, &ledger, &local).await?;
        let files = config.hsm.statement.as_ref();
        let statements = files.map(|files| Statements::new(&config.hsm, files)).transpose()?;
        let tls = tls::public_server(&config.tls)?;
        if let Some(reason) = follow_log(&device, &ledger).await? {
            let router = api::refusing_router(config.site, bundle.id, bundle.document, reason);
            return Ok(Self { api: serve(listeners.clients, tls, router)?, serving: None });
        }
        let cluster = Cluster::join(Membership {
            site: config.site,
            keys: bundle.keys.clone(),
            state_dir: &config.state_dir,
            listener: listeners.peers,
            identity: &config.peer_tls.identity(),
            ca: &config.peer_tls.ca,
            peers: &config.peers,
            timing: config.timing,
        })
        .await?;
        state_dir::mark(&config.state_dir, &owner)?;
        let site = Arc::new(Site {
            index: config.site,
            keys: bundle.keys,
            epoch: bundle.epoch,
            bundle_id: bundle.id,
            bundle: bundle.document,
            identity,
            cluster,
            device,
            ledger,
            local,
            sessions: Sessions::default(),
            limits: Limits::default(),
            counts: Default::default(),
            open_boxes: Default::default(),
            evaluating: Default::default(),
            statements,
        });
        let tasks = upkeep::start(&site);
        let api = serve(listeners.clients, tls, api::router(site.clone()))?;
        tracing::info!(site = %config.site, bundle = %site.bundle_id, "serving");
        Ok(Self { api, serving: Some((site, tasks)) })
    }

    /// The running site; none if it refuses to serve.
    pub fn site(&self) -> Option<&Arc<Site>> {
        self.serving.as_ref().map(|(site, _)| site)
    }

    /// Runs until `shutdown`, or until consensus stops because its storage failed.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> Result<(), NodeError> {
        let site = self.site().cloned();
        let stopped = async {
            match &site {
                Some(site) => site.cluster.stopped().await,
                None => std::future::pending().await,
            }
        };
        let result = tokio::select! {
            () = shutdown => Ok(()),
            reason = stopped => Err(NodeError::Stopped(reason)),
        };
        self.stop().await;
        result
    }

    /// Finishes what is under way, then stops.
    pub async fn stop(self) {
        self.api.graceful_shutdown(Some(GRACE));
        while self.api.connection_count() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if let Some((site, mut tasks)) = self.serving {
            tasks.shutdown().await;
            site.cluster.shutdown().await;
        }
    }
}

/// What a site takes from its validation bundle.
struct Bundle {
    id: BundleId,
    epoch: u64,
    document: Vec<u8>,
    keys: FleetKeys,
    pinned: PinnedKeys,
}

impl Bundle {
    /// The site takes the operator's word for its own bundle; it is the clients that verify it.
    fn read(config: &Config) -> Result<Self, NodeError> {
        let bad = |reason: String| NodeError::Bundle { path: config.bundle.clone(), reason };
        let size = std::fs::metadata(&config.bundle).map_err(|e| bad(e.to_string()))?.len();
        if size > MAX_BUNDLE as u64 {
            return Err(bad(format!("longer than {MAX_BUNDLE} bytes")));
        }
        let document = std::fs::read(&config.bundle).map_err(|e| bad(e.to_string()))?;
        let bundle = SignedBundle::from_json(&document).map_err(|e| bad(e.to_string()))?.bundle;
        let site = bundle.site(config.site).ok_or_else(|| bad(format!("has no site {}", config.site)))?;
        if bundle.sites.len() != config.peers.len() + 1 {
            return Err(bad(format!("has {} sites, the configuration {}", bundle.sites.len(), config.peers.len() + 1)));
        }
        let device = site.device().ok_or_else(|| bad("the site has no device".into()))?;
        let pinned = PinnedKeys {
            oprf: device.oprf_key,
            seal: device.seal_key,
            fleet: bundle.fleet_key,
            receipt: device.receipt_key,
        };
        let keys = FleetKeys::from_bundle(&bundle).ok_or_else(|| bad("a site has no device".into()))?;
        Ok(Self { id: bundle.id(), epoch: bundle.epoch, document, keys, pinned })
    }
}

async fn pin(
    port: Arc<dyn SiteDevice>,
    pinned: &PinnedKeys,
    ledger: &Arc<Ledger>,
    local: &Local,
) -> Result<(Device, Identity), NodeError> {
    let (pinned, ledger, local) = (*pinned, ledger.clone(), local.clone());
    let task = tokio::task::spawn_blocking(move || {
        let identity = port.identity()?;
        Ok::<_, DeviceFault>((Device::pin(port, &pinned, ledger, &local)?, identity))
    });
    Ok(task.await.map_err(|_| DeviceFault::Away("a device call was stopped".into()))??)
}

/// Makes the device log something and reads its log, so that a disk that was set back shows at once.
/// Gives the reason if the site must not serve.
async fn follow_log(device: &Device, ledger: &Ledger) -> Result<Option<String>, NodeError> {
    let start = vault_protocol::labelled("site-start", &[&now().to_be_bytes()]);
    let signed = device.run(Work::Signature, move |keys| keys.sign(&start)).await.map(|_| ());
    let followed = match signed {
        Ok(()) => ledger.drain().await,
        failed => failed,
    };
    match followed {
        Ok(()) => Ok(None),
        Err(DeviceFault::Broken(reason)) => Ok(Some(reason)),
        Err(fault) => Err(fault.into()),
    }
}

fn serve(listener: TcpListener, tls: rustls::ServerConfig, router: Router) -> Result<Handle<SocketAddr>, NodeError> {
    listener.set_nonblocking(true)?;
    let handle = Handle::new();
    let mut server =
        axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(Arc::new(tls)))?.handle(handle.clone());
    // A caller that sends its headers slowly is let go.
    server.http_builder().http1().timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        if let Err(error) = server.serve(service).await {
            tracing::error!(%error, "the client listener stopped");
        }
    });
    Ok(handle)
}
