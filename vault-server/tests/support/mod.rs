//! A whole fleet in one process, over real TLS, on software devices.
#![allow(dead_code, unused_imports, clippy::unwrap_used)]

pub mod certificates;
mod client;
mod device;
mod fleet;
pub mod passkey;
mod passkey_client;

pub use client::Person;
pub use device::SoftwareDevice;
pub use fleet::{Fleet, copy};
pub use passkey_client::{Begun, PasskeyClient};
