//! The device's own hash-chained log: followed, kept, published, and held against what the fleet allowed.

mod chain;
mod counts;
mod ledger;

pub use chain::{ChainBreak, Head, Known, continue_chain, head_of, is_oprf_ecdh};
pub use counts::{PublishedCounts, Subject, count};
pub use ledger::{Ledger, Room};
