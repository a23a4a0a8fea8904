//! The passkeys of an account: which there are is the owner's word, how often each was used is its own.

mod begin;
mod prove;
mod roster;
mod usage;

pub(crate) use begin::{note_opening, note_refused};
pub use prove::{PasskeyVerifier, Registered};
pub(crate) use prove::{check_passkeys, check_passkeys_succeed};
pub(crate) use roster::set_roster;
pub use roster::{RosterChange, check_next_change, check_roster};
pub use usage::check_assertion;
pub(crate) use usage::use_passkey;

use serde::{Deserialize, Serialize};
use vault_protocol::{Change, PasskeyDigest, PasskeyList, PasskeyRecord, PasskeyStatus, Refusal, Roster, Signature64};

/// What an account keeps for its passkeys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkeys {
    /// The owner's last word; none before the first.
    pub roster: Option<SignedRoster>,
    /// Exactly those on the roster, in its order.
    pub held: Vec<Passkey>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRoster {
    pub roster: Roster,
    pub signature: Signature64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    pub digest: PasskeyDigest,
    pub record: PasskeyRecord,
    /// Unix seconds.
    pub added: u64,
    pub last_used: Option<u64>,
    /// Its own count of signatures; 0 where it keeps none (WebAuthn level 3, 6.1.1).
    pub counter: u32,
    /// The challenge it last answered: the same answer at another site is the same use.
    pub last_challenge: Option<[u8; 32]>,
}

impl Passkeys {
    /// The last change that was applied, 0 before the first.
    pub fn change(&self) -> Change {
        self.roster.as_ref().map_or(0, |signed| signed.roster.change)
    }

    pub fn find(&self, digest: &PasskeyDigest) -> Option<&Passkey> {
        self.held.iter().find(|p| p.digest == *digest)
    }

    pub fn of_credential(&self, credential: &[u8]) -> Option<&Passkey> {
        self.held.iter().find(|p| p.record.credential == credential)
    }

    /// A passkey whose answer to `challenge` is the last that was written down: a site may release its share to it.
    ///
    /// # Errors
    /// The passkey is gone, or the answer is not written down here, or another one came after it.
    pub fn used_for(&self, digest: &PasskeyDigest, challenge: &[u8; 32]) -> Result<&Passkey, Refusal> {
        let passkey = self.find(digest).ok_or(Refusal::NoSuchPasskey)?;
        if passkey.last_challenge == Some(*challenge) { Ok(passkey) } else { Err(Refusal::NonceMismatch) }
    }

    pub fn list(&self) -> PasskeyList {
        let status = |p: &Passkey| PasskeyStatus {
            digest: p.digest,
            credential: p.record.credential.clone(),
            epoch: p.record.epoch,
            added: p.added,
            last_used: p.last_used,
        };
        PasskeyList { change: self.change(), passkeys: self.held.iter().map(status).collect() }
    }
}
