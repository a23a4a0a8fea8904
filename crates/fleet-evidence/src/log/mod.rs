//! The auditor's transparency log, in the C2SP formats (spec/fleet-log.md).

mod checkpoint;
mod consistency;
mod entry;
mod proof;

pub use checkpoint::{Checkpoint, checkpoint_origin, verify_checkpoint};
pub use consistency::{ConsistencyProof, consistency_tiles, tile_path};
pub use entry::{LOG_ENTRY_TYPE, LogEntry};
pub use proof::{LogProof, MAX_PROOF_HASHES};

/// RFC 6962 SHA-256 hash of a leaf or a node.
pub type LogHash = [u8; 32];

/// RFC 6962 section 2.1: SHA-256(00 || data).
pub fn leaf_hash(data: &[u8]) -> LogHash {
    tlog_tiles::record_hash(data).0
}
