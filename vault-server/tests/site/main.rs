//! Five sites in one process: what clients and other sites get from them.
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod people;
mod support;

mod clocks_and_disks;
mod guesses;
mod passkeys;
mod sites_among_each_other;
