//! One site of a vault: a server in front of one YubiHSM2.

#![warn(missing_docs)]

pub mod accounts;
pub mod api;
pub mod audit;
pub mod config;
pub mod device;
pub mod doors;
pub mod node;
pub mod own_device;
pub mod peers;
pub mod site;
mod state_dir;
pub mod vouch;
pub mod webauthn;
