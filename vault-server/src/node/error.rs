//! Why a site does not start, or goes on with what it had.

use super::bundles::BundleError;
use crate::accounts::StoreError;
use crate::config::ConfigError;
use crate::peers::{CannotCall, tls};
use crate::site::StartError;
use crate::site::ports::DeviceFault;
use crate::state_dir::StateDirError;
use std::net::SocketAddr;
use std::path::PathBuf;
use yubihsm_device::HsmError;

/// Why a site does not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// Its configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its bundles cannot be used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// It cannot listen there.
    #[error("{address}: {reason}")]
    Listener {
        /// Where.
        address: SocketAddr,
        /// Why not.
        reason: String,
    },
    /// Its device cannot be reached, or is another one.
    #[error("device: {0}")]
    Hsm(#[from] HsmError),
    /// Its device does not do what a site needs.
    #[error(transparent)]
    Device(#[from] DeviceFault),
    /// Its state directory cannot be used.
    #[error("state directory: {0}")]
    StateDir(#[from] StateDirError),
    /// Its accounts cannot be opened.
    #[error("{path}: {error}")]
    Store {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: StoreError,
    },
    /// Its certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// It cannot call the other sites.
    #[error(transparent)]
    Peers(#[from] CannotCall),
    /// It could not get its vote key certified or stored.
    #[error(transparent)]
    Site(#[from] StartError),
}
