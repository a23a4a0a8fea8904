//! What goes through consensus, and what comes out.

use serde::{Deserialize, Serialize};
use vault_protocol::{
    AccountId, Change, PasskeyDigest, Receipt, Record, Refusal, RosterUpdate, Signature64, SiteIndex, SiteNonce, TryId,
    Version,
};

/// One entry of the log. Variants are appended, never reordered. `at` is the proposer's clock, unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// A site is about to evaluate its OPRF key for a registration.
    RecordRegistrationEvaluation {
        account: AccountId,
        version: Version,
        alpha_hash: [u8; 32],
        site: SiteIndex,
        at: u64,
    },
    /// Version 1, signed by the key it names; or version v + 1, signed by the stored owner.
    Register { record: Record, signature: Signature64, at: u64 },
    /// Spends a try, before any device evaluates it. The same id again spends nothing.
    ReserveGuess { account: AccountId, version: Version, try_id: TryId, at: u64 },
    /// One site's receipt for the right tag; t of them reset the count.
    Confirm { account: AccountId, version: Version, try_id: TryId, receipt: Receipt, at: u64 },
    /// Destroys the boxes for good; signed by the owner.
    Remove { account: AccountId, version: Version, signature: Signature64, at: u64 },
    /// Destroys the boxes whose last try went unconfirmed for [`EXPIRY_GRACE`](crate::EXPIRY_GRACE) seconds.
    Expire { at: u64 },
    /// A site gave a nonce towards this change of an account's passkeys.
    OpenPasskeyRegistration { account: AccountId, change: Change, site: SiteIndex, at: u64 },
    /// The owner's word on which passkeys there are.
    SetRoster { update: RosterUpdate, at: u64 },
    /// An assertion, before any site releases its share for it. The same one again changes nothing.
    UsePasskey { account: AccountId, nonces: Vec<SiteNonce>, assertion: Vec<u8>, at: u64 },
    /// A site was shown an assertion that did not verify: a line in the account's history.
    NotePasskeyRefused { account: AccountId, site: SiteIndex, at: u64 },
}

/// What a command did; the same at every site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// An entry of consensus itself.
    Nothing,
    Recorded,
    Registered {
        version: Version,
    },
    /// `tries_left` after this one.
    Reserved {
        tries_left: u8,
    },
    Confirmed {
        complete: bool,
    },
    Removed,
    Expired {
        accounts: u32,
    },
    Refused(Refusal),
    RosterSet {
        change: Change,
    },
    PasskeyUsed {
        digest: PasskeyDigest,
    },
}
