//! Sessions with the emulated device, over HTTP.
#![allow(clippy::unwrap_used)]

mod sessions;
#[path = "../support/mod.rs"]
mod support;
