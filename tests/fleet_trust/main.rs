//! Fleet trust over real processes: emulated devices, a ceremony, an auditor, sites, and publishers
//! that lie.
//!
//! The programs must be built (`script/test` does; by hand: `cargo build --workspace --bins`).

#![allow(clippy::unwrap_used)]

mod lying_publishers;
mod new_keys;
mod own_logins;
mod ten_epochs;

#[path = "../support/new_devices.rs"]
mod new_devices;
#[path = "../support/people.rs"]
mod people;
#[path = "../support/publisher.rs"]
mod publisher;
#[path = "../support/trust_fleet.rs"]
mod trust_fleet;
