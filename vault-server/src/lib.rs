//! One site of a vault: a server in front of one YubiHSM2.

pub mod accounts;
pub mod api;
pub mod audit;
pub mod ceremony;
pub mod config;
pub mod dev_certificates;
pub mod device;
pub mod doors;
pub mod evidence;
pub mod hsm;
pub mod node;
pub mod own_device;
pub mod peers;
pub mod site;
mod state_dir;
pub mod webauthn;
