//! Sites over real sockets and TLS.
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod people;
mod support;

mod device_log;
mod devices_that_fail;
mod peers;
mod people_served;
mod reload;
mod sessions;
mod strangers;
