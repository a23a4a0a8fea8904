//! One site of a vault: a server in front of one YubiHSM2.

pub mod ceremony;
pub mod consensus;
pub mod evidence;
pub mod hsm;
