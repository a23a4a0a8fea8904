//! MOCK: an emulated YubiHSM2 behind the yubihsm-connector HTTP protocol.
//!
//! It speaks the device's protocol to the byte (SCP03 sessions, objects, key wrap, attestation,
//! audit log), and keeps its keys in the memory or in a file of an ordinary computer. **It protects
//! nothing.** Its attestation ends at a root whose private key is published with this crate.
//!
//! # In a test
//!
//! [`HsmMock::start`] serves a new device on a free port, until it is dropped:
//!
//! ```
//! # fn main() -> Result<(), hsm_mock::Error> {
//! let device = hsm_mock::HsmMock::start()?;
//! // Your client connects to `device.url()`: authentication key 1, password "password".
//! assert!(device.url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! Another firmware, a state on disk, the same keys each time, and faults:
//!
//! ```
//! # fn main() -> Result<(), hsm_mock::Error> {
//! use hsm_mock::{Config, ConnectorFault, DeviceError, Firmware, HsmMock};
//!
//! let device = HsmMock::of(Config::new(1001).with_firmware(Firmware::V2_2_0).with_seed(7))?;
//! device.fail_command(0, DeviceError::StorageFailed); // the next command
//! device.plan_fault(ConnectorFault::DropAnswer, 1); // done, but nobody hears of it
//! device.power_cycle()?; // sessions are gone
//! # Ok(())
//! # }
//! ```
//!
//! Inside a program with a tokio runtime, [`spawn`] serves an [`Emulator`] on that runtime.
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `program` (default) | the program `hsm-mock`; a test in Rust needs none of it |
//! | `tls` (default) | the connector over TLS ([`Tls`]) |
//!
//! It needs Rust 1.95, and a C compiler for SQLite.
//!
//! It never uses another client library's code or types: it is an independent reading of Yubico's
//! protocol.

#![warn(missing_docs)]

mod algorithm;
mod attestation;
mod audit_log;
mod capability;
mod commands;
mod connector;
mod control;
mod crypto;
mod device;
mod device_error;
mod emulator;
mod error;
mod faults;
mod firmware;
mod fixture;
mod frame;
#[doc(hidden)]
pub mod host;
mod input;
mod latency;
mod objects;
mod options;
mod rng;
mod secret;
mod secure_channel;
mod sessions;
mod state;
mod state_file;
mod trace;

pub use attestation::{MOCK_ROOT_PEM, MOCK_SUB_CA_PEM};
#[cfg(feature = "tls")]
pub use connector::Tls;
pub use connector::{
    BackgroundEmulator, ConnectorOptions, LOCAL_HOSTS, RunningEmulator, serve, spawn,
    spawn_in_background, spawn_in_background_with, spawn_with,
};
pub use control::{Action, serve_control};
pub use device_error::DeviceError;
pub use emulator::{Config, Emulator};
pub use error::Error;
pub use faults::ConnectorFault;
pub use firmware::Firmware;
pub use fixture::HsmMock;
pub use latency::Latency;

/// Code, name and first firmware of every command, by code: for the documents made from the tests.
#[doc(hidden)]
pub fn commands() -> impl Iterator<Item = (u8, &'static str, Firmware)> {
    let all = commands::Command::ALL.iter();
    all.map(|command| (*command as u8, command.name(), command.since()))
}
