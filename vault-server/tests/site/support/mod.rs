//! A whole fleet in one process, without a socket: sites over memory stores and software devices.

mod client;
mod fleet;
mod world;

pub use crate::people::{Authenticator, Begun, Person, authenticator, code};
pub use client::Client;
pub use fleet::{Fleet, START};
