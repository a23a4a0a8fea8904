//! The other sites: mutual TLS, and nothing that is said over it is believed unproved.

mod client;
mod server;
pub mod tls;
mod wire;

pub use client::{CannotCall, HttpPeers, Peer};
pub use server::router;
pub use wire::{MAX_PEER_MESSAGE, read_answer, read_request, write_request};
