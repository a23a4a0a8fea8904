//! Five sites in one process: what clients and other sites get from them.
#![allow(clippy::unwrap_used)]

mod support;

mod clocks_and_disks;
mod guesses;
mod sites_among_each_other;
