//! The device half of a site: a YubiHSM2 behind yubihsm-connector.
//!
//! [`port`] says what a site needs, [`yubihsm2`] does it. Keys are derived, and commands, types and algorithms named, by
//! the `yubihsm` crate; what is sent goes over a session of our own ([`raw_session`]), because the crate's client
//!
//! - cuts a list, without an error, at the first id that it does not know;
//! - cannot read answers in chunks, nor use a connector that closes connections after 5 idle seconds, without a new
//!   session of the device each time, which it then never closes;
//! - does not say whether a command whose answer is missing may have been carried out.

pub mod admin;
pub mod auth_key;
mod commands;
pub mod connector;
mod device_login;
pub mod lists;
pub mod objects;
pub mod own_login;
pub mod port;
pub mod private_file;
pub mod raw_session;
mod secure_channel;
pub mod statement;
pub mod yubihsm2;

pub use auth_key::AuthKey;
pub use connector::ConnectorAddress;
pub use own_login::{DevicePort, OwnLogin};
pub use port::{DeviceLog, EcdhKey, HsmError, Identity, LogEntry, SiteDevice};
pub use statement::StatementMaker;
pub use yubihsm2::{SiteDeviceOptions, YubiHsm2};
