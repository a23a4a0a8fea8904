//! The client against real sites in one process: honest ones, silent ones, late ones, and liars.
#![allow(clippy::unwrap_used)]

mod bundles;
mod doors;
mod enrolling;
mod errands;
mod guessing;
mod headers;
mod history;
mod lies;
mod looking;
mod passkeys;
mod revoking;
mod rounds;
mod support;
mod trouble;
