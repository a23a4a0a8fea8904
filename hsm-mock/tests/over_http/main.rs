//! The emulator as a client sees it: over HTTP, through the `yubihsm` crate, which reads the
//! protocol independently.

#![allow(clippy::unwrap_used)]

mod attestation;
mod audit_log;
mod connector;
mod faults;
mod keys;
mod kills;
mod permissions;
mod program;
mod raw_client;
mod rig;
mod sessions;
mod state;
mod tls;
mod wrap;
