//! A whole fleet in one process, over real TLS, on software devices.
#![allow(dead_code, unused_imports, clippy::unwrap_used)]

pub mod certificates;
mod client;
mod device;
mod fleet;
pub mod passkey;
pub mod passkey_cases;
mod passkey_client;
pub mod processes;

pub use client::Person;
pub use device::SoftwareDevice;
pub use fleet::{Fleet, copy};
pub use passkey_client::{Begun, PasskeyClient};
