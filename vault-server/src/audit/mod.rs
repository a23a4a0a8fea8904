//! The device's own hash-chained log: followed, stored, published, and held against what the site
//! may show.

mod chain;
mod counts;
mod ledger;
mod prover;
mod statements;

pub use chain::{ChainBreak, Known, continue_chain};
pub use counts::{PublishedCounts, Subject, count};
pub use ledger::{Ledger, Room};
pub use prover::Prover;
pub(crate) use statements::MAX_CHAIN;
pub use statements::Statements;
