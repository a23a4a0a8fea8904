//! One site of a vault: a server in front of one YubiHSM2.

pub mod accounts;
pub mod audit;
pub mod ceremony;
pub mod dev_certificates;
pub mod evidence;
pub mod hsm;
pub mod peers;
pub mod site;
pub mod webauthn;
