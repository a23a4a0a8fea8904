//! A YubiHSM2 behind yubihsm-connector, as the programs of a fleet use it.
//!
//! Each program has a session of its own kind, which can do what that program has to do and nothing
//! else:
//!
//! - [`SiteSession`] does a site's work with its operational login; [`SiteDevice`] says what that
//!   is.
//! - [`StatementSession`] makes, attests and deletes the one powerless key of a device statement.
//! - [`OwnLogin`] gives a login a key of the site's own, once.
//! - `OperatorSession` sets devices up: reset, options, logins, cloning. It is there with the
//!   feature `operator` only, which no serving site has: what a program does not hold it cannot be
//!   made to do.
//!
//! Keys are derived, and commands, types and algorithms named, by the `yubihsm` crate; what is sent
//! goes over a session of our own ([`RawSession`]), because the crate's client
//!
//! - cuts a list, without an error, at the first id that it does not know;
//! - cannot read answers in chunks, nor use a connector that closes connections after 5 idle
//!   seconds, without a new session of the device each time, which it then never closes;
//! - does not say whether a command whose answer is missing may have been carried out.

#![warn(missing_docs)]

pub mod answers;
mod auth_key;
mod commands;
mod connector;
mod device_login;
mod error;
pub mod objects;
#[cfg(feature = "operator")]
pub mod operator;
mod own_login;
mod port;
mod raw_session;
mod secure_channel;
mod site_session;
mod statement;

pub use auth_key::AuthKey;
pub use connector::ConnectorAddress;
pub use error::{HsmError, Refusal};
#[cfg(feature = "operator")]
pub use operator::OperatorSession;
pub use own_login::{LoginPort, LoginSessions, OwnLogin, Step, Watch};
pub use port::{DeviceLog, EcdhKey, Identity, SiteDevice};
pub use raw_session::RawSession;
pub use site_session::{SiteSession, SiteSessionOptions};
pub use statement::{StatementRequest, StatementSession, make_statement};
