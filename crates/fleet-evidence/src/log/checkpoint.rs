//! Heads of the log: reading and verifying them.

use super::LogHash;
use crate::{Unreadable, bounded};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use signed_note::{Note, StandardVerifier, VerifierList};

/// Three lines under 300 bytes and 100 signatures (the most a note may carry) under 200 each.
const MAX_CHECKPOINT: usize = 32 * 1024;
const WHAT: &str = "checkpoint";

/// A tree head whose signature has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    size: u64,
    root: LogHash,
    cosigners: Vec<String>,
}

impl Checkpoint {
    /// Entries in the log.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 of the tree (RFC 6962 section 2.1).
    pub fn root(&self) -> LogHash {
        self.root
    }

    /// Names on signatures by keys that are not ours, such as witnesses; they were not verified.
    pub fn cosigners(&self) -> &[String] {
        &self.cosigners
    }
}

/// Verifies a C2SP tlog-checkpoint under a signed-note verifier key. Signatures by other keys are
/// left aside.
///
/// # Errors
/// Not a checkpoint, of another origin, or not signed by this key.
pub fn verify_checkpoint(note: &[u8], log_key: &str) -> Result<Checkpoint, Unreadable> {
    let bad = |why: String| Unreadable::malformed(WHAT, why);
    bounded(WHAT, note, MAX_CHECKPOINT)?;
    let verifier = StandardVerifier::new(log_key).map_err(|e| bad(format!("log key: {e}")))?;
    refuse_weak(log_key)?;
    let note = Note::from_bytes(note).map_err(|e| bad(e.to_string()))?;
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let (_, others) = note.verify(&known).map_err(|e| bad(e.to_string()))?;
    let head = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|e| bad(e.to_string()))?;
    let origin = checkpoint_origin(log_key);
    if head.origin() != origin {
        return Err(bad(format!("origin {:?} instead of {origin:?}", head.origin())));
    }
    let cosigners = others.iter().map(|s| s.name().to_string()).collect();
    Ok(Checkpoint { size: head.size(), root: head.hash().0, cosigners })
}

/// The log's origin: the name in its verifier key.
pub fn checkpoint_origin(log_key: &str) -> &str {
    log_key.split('+').next().unwrap_or_default()
}

fn refuse_weak(log_key: &str) -> Result<(), Unreadable> {
    let bad = || Unreadable::malformed(WHAT, "log key: not a usable Ed25519 key");
    let encoded = log_key.splitn(3, '+').nth(2).ok_or_else(bad)?;
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| bad())?;
    let key = bytes.get(1..).and_then(|k| k.try_into().ok()).ok_or_else(bad)?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| bad())?;
    if key.is_weak() { Err(bad()) } else { Ok(()) }
}
