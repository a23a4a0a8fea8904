//! A leaf is in the log.

use super::{Checkpoint, LogHash, verify_checkpoint};
use crate::{Unreadable, bounded};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tlog_tiles::Hash;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A path in a tree of at most 2^63 leaves.
pub const MAX_PROOF_HASHES: usize = 63;
/// 63 hashes of 45 bytes, a checkpoint of at most 32 KiB, extra data of at most 4 KiB.
const MAX_PROOF: usize = 40 * 1024;
const WHAT: &str = "log proof";

/// A C2SP tlog-proof: an index, an inclusion path and the checkpoint it leads to. Not verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// Place of the entry, from 0.
    pub index: u64,
    /// From the lowest level up (RFC 6962 section 2.1.1).
    pub hashes: Vec<LogHash>,
    /// Signed note, verbatim.
    pub checkpoint: String,
}

impl LogProof {
    /// Reads the text form; an `extra` line is unauthenticated and dropped.
    ///
    /// # Errors
    /// Not a tlog-proof.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        bounded(WHAT, text.as_bytes(), MAX_PROOF)?;
        let bad = |why: &str| Unreadable::malformed(WHAT, why);
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or_else(|| bad("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(bad("unknown first line"));
        }
        let mut line = lines.next().ok_or_else(|| bad("no index line"))?;
        if let Some(extra) = line.strip_prefix("extra ") {
            BASE64_STANDARD.decode(extra).map_err(|_| bad("extra data is not base64"))?;
            line = lines.next().ok_or_else(|| bad("no index line"))?;
        }
        let digits = line.strip_prefix("index ").ok_or_else(|| bad("no index line"))?;
        let index: u64 = digits.parse().map_err(|_| bad("the index is not a number"))?;
        if index.to_string() != digits {
            return Err(bad("the index is not in canonical form"));
        }
        let hashes = lines
            .map(hash)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| bad("a line is not a hash"))?;
        if hashes.len() > MAX_PROOF_HASHES {
            return Err(bad("too many hashes"));
        }
        Ok(Self { index, hashes, checkpoint: checkpoint.to_string() })
    }

    /// Text form.
    pub fn encode(&self) -> String {
        let mut out = format!("{HEADER}\nindex {}\n", self.index);
        for hash in &self.hashes {
            out.push_str(&BASE64_STANDARD.encode(hash));
            out.push('\n');
        }
        out.push('\n');
        out.push_str(&self.checkpoint);
        out
    }

    /// Verifies that `leaf` (data, not hash) is the entry at the proof's index under a checkpoint
    /// of this log.
    ///
    /// # Errors
    /// The checkpoint is not the log's, or the path does not lead from the leaf to its root.
    pub fn verify(&self, leaf: &[u8], log_key: &str) -> Result<Checkpoint, Unreadable> {
        let checkpoint = verify_checkpoint(self.checkpoint.as_bytes(), log_key)?;
        let path: Vec<Hash> = self.hashes.iter().copied().map(Hash).collect();
        let root = Hash(checkpoint.root());
        tlog_tiles::check_record(
            &path,
            checkpoint.size(),
            root,
            self.index,
            tlog_tiles::record_hash(leaf),
        )
        .map_err(|e| Unreadable::malformed(WHAT, format!("inclusion: {e}")))?;
        Ok(checkpoint)
    }
}

fn hash(line: &str) -> Option<LogHash> {
    BASE64_STANDARD.decode(line).ok()?.try_into().ok()
}
