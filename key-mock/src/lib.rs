//! MOCK: a FIDO2 security key (CTAP 2.1) behind a Unix socket that carries its HID reports.
//!
//! It answers as a USB security key does, with PIN, touch, discoverable credentials and
//! hmac-secret, and keeps its keys in the memory or in a file of an ordinary computer. It protects
//! nothing.
//!
//! In a test: `let plugged = plug_in(&socket, Key::in_memory(Model::CURRENT, Some("2718"))?,
//! Touch::AtOnce)?;`. Dropping it pulls the key out.
//!
//! It never uses the client that Keepsake has for security keys: two independent readings of FIDO's
//! text.

#![warn(missing_docs)]

mod answer;
mod cbor;
mod commands;
mod credential;
#[cfg(unix)]
mod ctaphid;
mod error;
mod hex_bytes;
mod kept;
mod key;
mod parameters;
mod person;
mod pin;
mod pin_protocol;
mod power;
mod secret;
#[cfg(unix)]
mod socket;
mod state_file;
mod status;
mod token;

pub use error::Error;
pub use key::{Key, Model};
pub use person::Person;
#[cfg(unix)]
pub use socket::{Plugged, Socket, Touch, plug_in, serve};
pub use status::Status;
