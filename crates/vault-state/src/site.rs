//! Who decides.

use crate::PasskeyVerifier;
use vault_facts::{FactError, Proofs};
use vault_protocol::{Refusal, Signature64, SiteIndex, Statement, StatementOf, VoteKey};

/// Holds the vote key of this start of the program.
pub trait Signer: Send + Sync {
    /// The public half.
    fn key(&self) -> VoteKey;

    /// Ed25519, deterministic (RFC 8032).
    fn sign(&self, message: &[u8]) -> Signature64;
}

/// One honest site: its place, its device, and what it checks and signs with.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// From 1.
    pub index: SiteIndex,
    /// Of the device that opens its boxes.
    pub serial: u32,
    /// What facts are checked against.
    pub proofs: Proofs<'a>,
    /// Signs the site's statements.
    pub signer: &'a dyn Signer,
    /// Verifies passkeys.
    pub passkeys: &'a dyn PasskeyVerifier,
}

impl Site<'_> {
    pub(crate) fn state(&self, of: &StatementOf<'_>) -> Statement {
        let message = of.message(&self.proofs.keys.digest, self.index);
        Statement {
            site: self.index,
            key: self.signer.key(),
            signature: self.signer.sign(&message),
        }
    }
}

/// How a client is told that a fact was not taken.
pub(crate) fn refusal(error: &FactError) -> Refusal {
    match error {
        FactError::Unproved(_) => Refusal::Unproved,
        FactError::OtherAccount(_) => Refusal::NotOwner,
        FactError::OtherKeys(keys) => Refusal::WrongKeys { keys: *keys },
        FactError::Malformed(_) => Refusal::Malformed,
    }
}
