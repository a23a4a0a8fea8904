//! One site of a vault: a server in front of one YubiHSM2.

pub mod api;
pub mod audit;
pub mod ceremony;
pub mod config;
pub mod consensus;
mod database;
pub mod dev_certificates;
pub mod device;
pub mod evidence;
pub mod hsm;
pub mod local;
pub mod node;
pub mod own_device;
mod state_dir;
mod upkeep;
pub mod webauthn;
