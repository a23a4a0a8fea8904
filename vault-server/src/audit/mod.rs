//! The device's own hash-chained log: followed, kept, published, and held against what the site may show.

mod chain;

pub use chain::{ChainBreak, Head, continue_chain, head_of, is_oprf_ecdh};
