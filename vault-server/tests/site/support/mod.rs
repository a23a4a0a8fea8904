//! A whole fleet in one process, without a socket: sites over memory stores and software devices.

mod client;
mod fleet;
mod world;

pub(crate) use crate::people::{Authenticator, Begun, Person, authenticator, code};
pub(crate) use client::Client;
pub(crate) use fleet::{Fleet, START};
