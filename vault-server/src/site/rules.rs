//! The site's own rules (crate vault-state), with what they are decided with.

use super::ports::Draw;
use super::ports::Randomness;
use ed25519_dalek::{Signer as _, SigningKey};
use std::sync::Arc;
use vault_facts::{FleetKeys, Proofs, RealSignatures, VoteKeys};
use vault_protocol::{Signature64, SiteIndex, VoteKey};
use vault_state::{PasskeyVerifier, Signer};

/// The vote key of this start. Wiped when dropped.
pub(super) struct VoteSigner(SigningKey);

impl VoteSigner {
    pub(super) fn draw(randomness: &dyn Randomness) -> Self {
        Self(SigningKey::generate(&mut Draw(randomness)))
    }
}

impl Signer for VoteSigner {
    fn key(&self) -> VoteKey {
        VoteKey(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, message: &[u8]) -> Signature64 {
        Signature64(self.0.sign(message).to_bytes())
    }
}

/// Everything that a decision needs beside the account, the message and the time. Clones share it.
#[derive(Clone)]
pub(super) struct Rules {
    pub index: SiteIndex,
    /// Of the device that opens this site's boxes.
    pub serial: u32,
    pub keys: Arc<FleetKeys>,
    pub signer: Arc<VoteSigner>,
    pub passkeys: Arc<dyn PasskeyVerifier>,
}

impl Rules {
    /// The site as it decides with these vote keys known.
    pub(super) fn with<'a>(&'a self, vote_keys: &'a VoteKeys) -> vault_state::Site<'a> {
        vault_state::Site {
            index: self.index,
            serial: self.serial,
            proofs: Proofs { keys: &self.keys, vote_keys, signatures: &RealSignatures },
            signer: &*self.signer,
            passkeys: &*self.passkeys,
        }
    }
}
