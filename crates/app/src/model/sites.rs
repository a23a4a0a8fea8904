//! What is said of a fleet's sites, whatever was asked of them.

use serde::{Deserialize, Serialize};
use specta::Type;

/// How far something has come that every site has to know, counted by the sites' signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SpreadView {
    /// Sites that have signed that they know it.
    pub acknowledged: u8,
    /// So many have to, before it is told as done.
    pub needed: u8,
    pub sites: u8,
    /// Enough have acknowledged it.
    pub done: bool,
}

/// A site that was caught at something that no honest site does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CaughtSite {
    pub index: u8,
    pub region: String,
    /// What it did, each in a few words.
    pub what: Vec<String>,
}
