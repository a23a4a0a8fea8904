//! The device half of a site: a YubiHSM2 behind yubihsm-connector.
//!
//! [`port`] says what a site needs, [`yubihsm2`] does it with the `yubihsm` crate. Lists are read over a session of our
//! own ([`raw_session`]), because the crate cuts a list, without an error, at the first id that it does not know.

pub mod admin;
pub mod auth_key;
pub mod connector;
pub mod lists;
pub mod objects;
pub mod port;
pub mod private_file;
pub mod raw_session;
mod secure_channel;
pub mod statement;
pub mod yubihsm2;

pub use auth_key::AuthKey;
pub use connector::ConnectorAddress;
pub use port::{DeviceLog, EcdhKey, HsmError, Identity, LogEntry, SiteDevice};
pub use statement::StatementMaker;
pub use yubihsm2::{SiteDeviceOptions, YubiHsm2};
