//! MOCK: an emulated YubiHSM2 behind the yubihsm-connector HTTP protocol.
//!
//! It speaks the device's protocol to the byte (SCP03 sessions, objects, key wrap, attestation, audit log), and keeps
//! its keys in the memory or in a file of an ordinary computer. It protects nothing. Its attestation ends at a root
//! whose private key is published with this crate.
//!
//! In a test: `let running = hsm_mock::spawn(Emulator::new(Config::new(1001))?).await?;` and connect to
//! `running.url()` with authentication key 1, password "password".
//!
//! It never uses the client library that the vault uses: two independent readings of Yubico's protocol.

mod algorithm;
mod attestation;
mod audit_log;
mod capability;
mod commands;
mod connector;
mod device;
mod device_error;
mod emulator;
mod error;
mod firmware;
mod frame;
mod input;
mod objects;
mod options;
mod secret;
mod secure_channel;
mod sessions;
mod state;
mod state_file;

pub use attestation::{MOCK_ROOT_PEM, MOCK_SUB_CA_PEM};
pub use connector::{
    BackgroundEmulator, ConnectorOptions, LOCAL_HOSTS, RunningEmulator, serve, spawn,
    spawn_in_background, spawn_in_background_with, spawn_with,
};
pub use device_error::DeviceError;
pub use emulator::{Config, Emulator, Latency};
pub use error::Error;
pub use firmware::Firmware;
