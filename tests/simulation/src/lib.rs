//! A whole fleet and its clients in one process.
//!
//! Five real sites (`vault_server::site`) over simulated disks, devices and clocks, real clients
//! (`vault_client`) over a simulated network, on one thread with paused time: everything that is
//! chance comes from one seed, so the same seed has the same history, byte for byte.
//!
//! - [`fleet::Fleet`] is a fleet for tests: `fleet.client(1)` is a client of it, `fleet.corrupt(…)`
//!   makes a site lie, `fleet.kill_site(…)` ends one.
//! - [`person::Person`] does what the app does with a code.
//! - [`scenario`] draws a whole course of events from a seed, and [`invariants`] says what must
//!   hold in all of them.

pub mod clock;
pub mod corrupt;
pub mod device;
pub mod dice;
pub mod disk;
pub mod fleet;
pub mod front;
pub mod history;
pub mod invariants;
pub mod network;
pub mod passkeys;
pub mod person;
pub mod published;
pub mod raw;
pub mod scenario;
pub mod tricks;
