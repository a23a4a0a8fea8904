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

#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("{address}: {reason}")]
    Listener { address: SocketAddr, reason: String },
    #[error("device: {0}")]
    Hsm(#[from] HsmError),
    #[error(transparent)]
    Device(#[from] DeviceFault),
    #[error("state directory: {0}")]
    StateDir(#[from] StateDirError),
    #[error("{path}: {error}")]
    Store { path: PathBuf, error: StoreError },
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error(transparent)]
    Peers(#[from] CannotCall),
    #[error(transparent)]
    Site(#[from] StartError),
}
