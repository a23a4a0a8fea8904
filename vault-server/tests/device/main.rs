//! The device half of a site against the emulator, over HTTP.
#![allow(clippy::unwrap_used)]

mod adapter;
mod ceremony;
mod fleet;
mod interruption;
mod lossy_connector;
mod own_login;
